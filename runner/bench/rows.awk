# Raw lines `ROUND<tab>NAME<tab>NANOSECONDS` become one row per name: median, smallest and largest, and the ratio to the row `base` and to the row `ours`.
# Ratios are taken within each round, between two figures that were measured one after the other; told is the median of these, with smallest and largest.
#
# usage: awk -f rows.awk -v title=TEXT -v base=NAME [-v ours=NAME] [-v unit=us]
BEGIN { FS = "\t"; divisor = unit == "ms" ? 1e6 : unit == "us" ? 1e3 : 1 }

{
    if (!($2 in rounds)) order[++count] = $2
    value[$2, ++rounds[$2]] = $3
}

function sort(list, n,    i, k, one) {
    for (i = 2; i <= n; i++) {
        one = list[i]
        for (k = i - 1; k > 0 && list[k] > one; k--) list[k + 1] = list[k]
        list[k + 1] = one
    }
}

function summary(list, n, format,    middle) {
    sort(list, n)
    middle = n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
    return sprintf(format, middle, list[1], list[n])
}

function times(name, other,    i, n, list) {
    if (other == "" || !(other in rounds)) return ""
    if (name == other) return sprintf("%8s", "1")
    n = rounds[name] < rounds[other] ? rounds[name] : rounds[other]
    for (i = 1; i <= n; i++) list[i] = value[name, i] / value[other, i]
    return summary(list, n, "%8.2f (%.2f..%.2f)")
}

END {
    if (count == 0) { print title ": no figure"; exit 1 }
    printf "%s; %d runs\n", title, rounds[order[1]]
    printf "  %-36s %10s %9s %9s   %-24s %s\n", "", unit " median", "min", "max", "times " base, ours == "" ? "" : "times " ours
    for (c = 1; c <= count; c++) {
        name = order[c]
        for (i = 1; i <= rounds[name]; i++) list[i] = value[name, i] / divisor
        printf "  %-36s %s   %-24s %s\n", name, summary(list, rounds[name], "%10.3f %9.3f %9.3f"), times(name, base), times(name, ours)
        split("", list)
    }
    print ""
}
