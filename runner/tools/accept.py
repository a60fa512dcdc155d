#!/usr/bin/env python3
"""Reads a report with a consumer that is not ours, and prints what it understood, for report/accepted_test.c.

usage: accept.py FORMAT FILE...
A line for each file: the numbers that its take_FORMAT returns, or "not accepted: " and the consumer's complaint.

Consumers: jsonschema for json, gradescope, classroom, sarif; xmllint and ElementTree for junit; TAP::Parser (prove) for tap; cmark-gfm and html.parser for
markdown; html.parser for html; csv for csv; the expression of VS Code's $gcc matcher for gnu. What GitHub's runner does with the lines of a step is written anew below, from its
documentation: there is no such program to install.
"""
import base64
import csv
import html.parser
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as tree

try:
    import jsonschema
except ImportError:  # another python3 stands before Debian's
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

RUNNER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCHEMAS = RUNNER + "/report/schemas/"


class Refused(Exception):
    pass


def fail(why):
    raise Refused(f"not accepted: {why}")


def check(is_true, why):
    if not is_true:
        fail(why)


def run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8")
    check(done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}")
    return done.stdout


def read(path):
    with open(path, encoding="utf-8", newline="") as file:  # strict: refuses what is not UTF-8
        return file.read()


def read_json(text, schema):
    value = json.loads(text)
    with open(schema, encoding="utf-8") as file:
        rules = json.load(file)
    jsonschema.Draft7Validator.check_schema(rules)
    jsonschema.Draft7Validator(rules).validate(value)
    return value


def hundredths(tests):
    return sum(round(test.get("score", 0) * 100) for test in tests)


def take_json(text):
    value = read_json(text, RUNNER + "/result/result.schema.json")
    verdicts = [case["verdict"] for case in value["cases"]]
    return (verdicts.count("failed"), verdicts.count("broken"), verdicts.count("skipped"), len(verdicts), value["partial"])


def take_junit(path, schema):
    run("xmllint", "--noout", "--huge", "--schema", SCHEMAS + schema, path)
    root = tree.parse(path).getroot()
    cases = root.findall("testsuite/testcase")
    counts = {name: len(root.findall(f"testsuite/testcase/{name}")) for name in ("failure", "error", "skipped")}
    check(int(root.get("tests")) == len(cases), "tests= is not the number of tests")
    for suite in root.findall("testsuite"):
        for name, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            told = int(suite.get(attribute, 0))
            check(told == len(suite.findall(f"testcase/{name}")), f"{attribute}= of {suite.get('name')}")
    for outcome in root.iter("failure"):
        check(outcome.get("message") and "\n" not in outcome.get("message") and outcome.text, "a failure without text")
    partial = [case for case in cases if case.get("name") == "partial"]
    own = root.find("testsuite[@name='ipcgrade']")
    return (counts["failure"], counts["error"] - len(partial), counts["skipped"],
            len(cases) - (len(own) if own is not None else 0), bool(partial))


PERL = """
my $p = TAP::Parser->new({tap => join('', <STDIN>)});
my ($bail, $yaml) = (0, 0);
while (my $r = $p->next) { $bail = 1 if $r->is_bailout; $yaml++ if $r->is_yaml && $r->data;
    die "not understood: " . $r->raw if $r->is_unknown }
my @e = grep { !$bail || !/^Bad plan/ } $p->parse_errors;
die "@e" if @e;
print join(' ', scalar($p->failed), scalar($p->skipped), scalar($p->actual_passed) + scalar($p->actual_failed), $bail, $yaml);
"""


def take_tap(text):
    first, rest = text.split("\n", 1)
    check(first == "TAP version 14", "the first line")
    # Perl's parser knows version 13, which has all of this but the words for subtests.
    failed, skipped, tests, bail, blocks = run("perl", "-MTAP::Parser", "-e", PERL, text="TAP version 13\n" + rest).split()
    check(int(blocks) >= int(failed), "a failure without its block")
    return (int(failed), int(skipped), int(tests), bail == "1")


SGR = re.compile(r"\x1b\[[0-9;]*m")


def take_gradescope(text):
    value = read_json(text, SCHEMAS + "gradescope.schema.json")
    tests = value["tests"]
    # Gradescope shows `score` where it is given, else the sum of the tests' scores, and a run without any of them as one that failed.
    has_score = "score" in value or any("score" in test for test in tests)
    shown = round(value["score"] * 100) if "score" in value else hundredths(tests)
    check(all(("score" in test) == ("max_score" in test) == ("status" in test) for test in tests), "half a verdict")
    check([test["number"] for test in tests] == sorted(test["number"] for test in tests), "the order")
    for test in tests:
        bare = SGR.sub("", test["output"])
        check(not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", bare + test["name"]), "control bytes that are not colours")
    status = [test.get("status") for test in tests]
    return (status.count("failed"), status.count(None), len(tests), value["extra_data"]["partial"], shown if has_score else "none")


def take_classroom(text):
    check(text.count("\n") == 1 and text.startswith("result=") and text.endswith("\n"), "not one line result=...")
    check(len(text) < 128 * 1024, "longer than an environment variable can be")
    value = read_json(base64.b64decode(text[7:-1], validate=True).decode(), SCHEMAS + "classroom.schema.json")
    tests = value["tests"]
    printed = "".join(test["name"] + test.get("message", "") for test in tests)
    check(not re.search(r"[\x00-\x1f\x7f]|##\[", printed), "what the runner obeys")
    check(not any(test.get("message", "").startswith("::") for test in tests), "what the runner obeys")
    words = [test["status"] for test in tests if test["name"] != "ipcgrade"]
    return (words.count("fail"), words.count("error"), len(words), hundredths(tests), round(value["max_score"] * 100),
            value["status"])


def take_sarif(text):
    value = read_json(text, SCHEMAS + "sarif.schema.json")
    run_ = value["runs"][0]
    rules = [rule["id"] for rule in run_["tool"]["driver"]["rules"]]
    check(len(rules) == len(set(rules)), "two rules of one id")
    check(all(result["ruleId"] in rules for result in run_["results"]), "a result without its rule")
    cases = [result for result in run_["results"] if result["ruleId"] != "build"]
    return (len(cases), len(run_["results"]) - len(cases),
            len(run_["invocations"][0]["toolExecutionNotifications"]), run_["invocations"][0]["executionSuccessful"])


class Page(html.parser.HTMLParser):
    """Counts the elements, and refuses those that no text may become."""

    ALLOWED = {"h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "pre", "code", "ul", "li", "blockquote", "strong"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.counts = {}
        self.cells = []

    def handle_starttag(self, tag, attrs):
        is_address = tag == "a" and dict(attrs).get("href", "").startswith("mailto:")  # no harm, and nothing hides it
        check(tag in self.ALLOWED or is_address, f"a text became <{tag}>")
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if tag == "tr":
            self.cells.append(0)
        if tag in ("td", "th"):
            self.cells[-1] += 1

    def handle_comment(self, data):
        fail("a text became raw HTML")


def take_markdown(path):
    page = Page()
    page.feed(run("cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist", path))
    check(len(set(page.cells)) == 1, f"rows of different width: {page.cells}")
    return (page.counts.get("h2", 0), page.counts["tr"] - 1, page.counts.get("h3", 0), page.counts.get("li", 0),
            page.counts.get("blockquote", 0))


class Report(html.parser.HTMLParser):
    """The page: nothing but its own elements, each closed; what a person without scripts finds there."""

    OWN = set("html head meta title style body header main section nav h1 h2 h3 h4 p strong b small code pre mark ul ol li a div span details summary dl dt dd "
              "table thead tbody tr th td figure figcaption svg defs marker g path rect circle text script".split())

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.verdicts, self.is_partial = [], [], False

    def handle_starttag(self, tag, attrs):
        check(tag in self.OWN, f"a text became <{tag}>")
        check(not any(name.startswith("on") or name == "style" for name, _ in attrs), f"<{tag}> with what no policy allows")
        kind = dict(attrs).get("class", "").split()
        if tag != "meta":
            self.open.append(tag)
        if tag == "details" and kind[:1] == ["case"]:
            self.verdicts.append(kind[1])

    def handle_data(self, data):
        is_text = self.open and self.open[-1] not in ("script", "style")
        self.is_partial |= bool(is_text and data.startswith("This result is not whole: "))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag != "meta":
            self.open.pop()

    def handle_endtag(self, tag):
        check(self.open and self.open.pop() == tag, f"</{tag}> closes another")


def take_html(text):
    page = Report()
    page.feed(text)
    check(not page.open and text.endswith("</html>\n"), "the page does not come to its end")
    return (page.verdicts.count("failed"), page.verdicts.count("broken"), page.verdicts.count("skipped"), len(page.verdicts), page.is_partial)


# As the runner's documentation has it: commands are lines of their own; none is obeyed between stop-commands and its token.
COMMAND = re.compile(r"^\s*::([a-z-]+)(?: (.*?))?::(.*)$")


def unescaped(text):
    for code, byte in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, byte)
    return text


def take_github(text):
    counts, token, stopped = {}, None, 0
    for line in re.split(r"[\r\n]", text):
        if token:
            stopped += 1
            token = None if line.strip() == f"::{token}::" else token
            continue
        command = COMMAND.match(line)
        check(command or not line, f"printed where the runner obeys: {line}")
        if not command:
            continue
        name, properties, data = command.groups()
        if name == "stop-commands":
            check(len(data) >= 16, "a token that can be guessed")
            token = data
            continue
        check(name in ("error", "warning", "notice"), f"the command {name}")
        for pair in properties.split(","):
            key, value = pair.split("=", 1)
            check(key in ("file", "line", "title") and unescaped(value), f"the property {pair}")
        check(unescaped(data), "an annotation without text")
        counts[name] = counts.get(name, 0) + 1
    check(token is None and stopped > 1, "commands stay stopped")
    check(all(count <= 10 for count in counts.values()), "more annotations than are shown")
    return (counts.get("error", 0), counts.get("warning", 0), counts.get("notice", 0))


GCC = re.compile(r"^(.*?):(\d+):(\d*):?\s+(?:fatal\s+)?(warning|error):\s+(.*)$")


def take_gnu(text):
    lines = text.splitlines()
    placed = [match for match in map(GCC.match, lines) if match]
    rest = [line for line in lines if not GCC.match(line)]
    check(all(re.match(r"^ipcgrade: (error|warning|note): ", line) for line in rest), "a line of another form")
    return (len(placed), len(rest))


def take_csv(text):
    rows = list(csv.reader(text.splitlines(keepends=True), strict=True))
    check(text.count("\r\n") == text.count("\n") == len(rows), "ends of lines")
    check(all(len(row) == len(rows[0]) for row in rows), "rows of different width")
    check(not any(cell.lstrip()[:1] in ("=", "+", "-", "@") and cell.strip() for row in rows for cell in row), "a formula")
    verdict = rows[0].index("verdict")
    words = [row[verdict] for row in rows[1:]]
    sums = []
    for name in ("score", "max_score", "unjudged"):
        column = rows[0].index(name)
        sums.append(sum(round(float(row[column] or 0) * 100) for row in rows[1:]))
    return (words.count("failed"), words.count("broken"), words.count("skipped"), words.count("partial"), len(words), *sums)


TAKE = {
    "json": lambda path: take_json(read(path)),
    "junit": lambda path: take_junit(path, "junit.xsd"),
    "junit-strict": lambda path: take_junit(path, "junit-strict.xsd"),
    "tap": lambda path: take_tap(read(path)),
    "gradescope": lambda path: take_gradescope(read(path)),
    "classroom": lambda path: take_classroom(read(path)),
    "sarif": lambda path: take_sarif(read(path)),
    "markdown": take_markdown,
    "github-summary": take_markdown,
    "github": lambda path: take_github(read(path)),
    "gnu": lambda path: take_gnu(read(path)),
    "csv": lambda path: take_csv(read(path)),
    "html": lambda path: take_html(read(path)),
}

def understood(take, path):
    try:
        return " ".join(str(number).lower() for number in take(path))
    except Refused as error:
        return str(error)
    except (ValueError, KeyError, OSError, csv.Error, tree.ParseError, jsonschema.ValidationError) as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    for name in sys.argv[2:]:
        print(" ".join(understood(TAKE[sys.argv[1]], name).split())[:2000], flush=True)
