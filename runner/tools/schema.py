#!/usr/bin/env python3
"""Holds `ipcgrade schema` against the loader, with a validator that is not ours (jsonschema); cases/schema_test.c asks for it.

usage: schema.py IPCGRADE FOLDER...
Every case and every assignment.yaml below a folder must be accepted, if no text file there holds the loader's complaints of it (FILE:LINE:COLUMN: TEXT). If one does, the
file must be refused, unless all of them are of a kind that is beyond a schema (the table below). Prints each file that is judged otherwise; the last line says what was judged.

Each file is read twice: as editors do it (YAML 1.2, core schema) and as Python's own reader does (YAML 1.1: `no` is false, 0600 is 384).
"""
import json
import os
import re
import subprocess
import sys

try:
    import jsonschema
    import yaml
except ImportError:  # another python3 stands before Debian's
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

# Kinds of complaint that no schema can judge, and why.
BEYOND = [
    ("another place", "what is declared, started, held, closed or needed stands elsewhere in the file", [
        r"nobody and nothing is called", r"has nothing called", r"nothing is called", r"is declared already", r"declared and never used",
        r"not declared under", r"not been started", r"been started already", r"has ended", r"has closed", r"nothing holds", r"has a hold already",
        r"never released", r"nobody moves between", r"is not open for it", r"a terminal takes lines", r"needs go in a circle", r"there is no case",
        r"is not a program of the assignment", r"are more than the points", r"cannot need it", r"stands not yet",
    ]),
    ("what a name is", "a program, a puppet or which kind of object: it is declared elsewhere", [
        r"is a student's program", r"is not a student's program", r"asked of stand-ins only", r"is asked of a student's program", r"ends only when a do",
        r"only a student's program has", r"is a \w+; '\w+' goes with", r"has no path", r"is not the key of a file", r"is the key of a file",
        r"the key of a file has no", r"has an identifier and a key", r"is not said of a \w+; there are", r"cannot be looked at",
    ]),
    ("how it is written", "a schema sees what YAML has made of the text: no quotes, no leading 0, no decimals", [
        r"is an escape only in double quotes", r"a mode is octal and begins with 0", r"as C writes it: decimal", r"at most one decimal",
    ]),
    ("YAML", "what is no YAML, or YAML that the case language leaves out, is told by the editor's own reader", [
        r"while (parsing|scanning)", r"cannot start any token", r"is not part of the case language", r"this is not UTF-8", r"a control character",
        r"stands here twice", r"a second document", r"a key is a word", r"has no value", r"an item without a value", r"the file is empty", r"too deep",
    ]),
    ("values that hang together", "one number is compared with another", [r"min is more than max"]),
    ("where it lies", "its name, its folder, and what lies beside it", [
        r"cannot be read", r"there is no case here", r"a case lies in a folder", r"the name of a case has",
    ]),
    ("regular expressions", "each validator has its own kind of them", [r"not a regular expression"]),
]


READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast


class Core(READER):
    """YAML 1.2, core schema: what editors read."""


Core.yaml_implicit_resolvers = {}
for tag, expression, first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
):
    Core.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(expression), list(first))
Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value, 16 if node.value.startswith("0x") else 10))


class Old(READER):
    """YAML 1.1, without dates, which JSON has not."""


Old.yaml_implicit_resolvers = {
    first: [row for row in rows if row[0] not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge")]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_map(loader, node, deep=False):
    """Keys are words, whatever they look like."""
    return {str(key.value): loader.construct_object(value, deep=True) for key, value in node.value}


for reader in (Core, Old):
    reader.add_constructor("tag:yaml.org,2002:map", read_map)


def schema_of(program, name):
    text = subprocess.run([program, "schema", name], capture_output=True, text=True, check=True).stdout
    schema = json.loads(text)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def complaint(validators, path):
    """What the schema, or the YAML reader, has against the file; None: nothing, whichever way it is read."""
    name = "assignment" if os.path.basename(path) == "assignment.yaml" else "case"
    for reader in (Core, Old):
        try:
            with open(path, "rb") as file:
                value = yaml.load(file.read(), reader)
        except (yaml.YAMLError, ValueError) as error:
            return "YAML: " + str(error).split("\n")[0]
        error = jsonschema.exceptions.best_match(validators[name].iter_errors(value))
        if error:
            return f"{reader.__name__}: {'/'.join(str(part) for part in error.absolute_path)}: {error.message[:300]}"
    return None


def kind_of(text):
    for kind, _, expressions in BEYOND:
        if any(re.search(expression, text) for expression in expressions):
            return kind
    return None


def below(folder, end):
    for place, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if name.endswith(end):
                yield os.path.join(place, name)


def told_in(folder):
    """Of each file what the loader has against it, as the tests of the loader have it."""
    told = {}
    for path in below(folder, ".txt"):
        with open(path, encoding="utf-8") as file:
            for line in file:
                place = re.match(r"([^:]+[.]yaml):\d+:\d+: (?!note: )", line)
                if place:
                    told.setdefault(os.path.join(os.path.dirname(path), place.group(1)), []).append(line.rstrip("\n"))
    return told


def judge(validators, path, told, counts):
    why = complaint(validators, path)
    kinds = [kind_of(line) for line in told]
    if why and not told:
        print(f"{path}: the loader takes it, the schema does not: {why}")
    elif why:
        counts["bad"] += 1
    elif not told:
        counts["good"] += 1
    elif any(kinds):
        counts["beyond"] += 1
        counts["kinds"].update(kind for kind in kinds if kind)
    if told and not why and None in kinds:
        print(f"{path}: the schema takes it: {told[kinds.index(None)]}")


def main():
    program = sys.argv[1]
    validators = {name: schema_of(program, name) for name in ("case", "assignment")}
    counts = {"good": 0, "bad": 0, "beyond": 0, "kinds": set()}
    for folder in sys.argv[2:]:
        told = told_in(folder)
        for path in below(folder, ".yaml"):
            judge(validators, path, told.get(path, []), counts)
    for kind, _, _ in BEYOND:
        if kind not in counts["kinds"]:
            print(f"no file needs the excuse '{kind}'")
    print(f"{counts['good']} good, {counts['bad']} bad, {counts['beyond']} beyond a schema")


if __name__ == "__main__":
    main()
