#!/usr/bin/env python3
"""Does with a kit's job file what its platform would do, for commands/kit_run_test.c: reads it with PyYAML, holds it against its schema
(report/schemas/), and executes its own commands in the repository. What the platform fetches from elsewhere (`uses:`, images, caches) is left out.

usage: jobs.py github|gitlab REPOSITORY

Prints a line for each step, and what the platform would see of it:
  github   NAME: STATUS or NAME: not run; points: SCORE of MAXIMUM, where the reporter's step would be run; summary: yes, when one was written
  gitlab   script: STATUS; FILE: yes or no, for each artifact
What the commands print comes before it all.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile

try:
    import jsonschema
    import yaml
except ImportError:  # another python3 stands before Debian's
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

SCHEMAS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "/report/schemas/"


def load(path, schema):
    with open(path, encoding="utf-8") as file:
        value = yaml.safe_load(file)
    with open(SCHEMAS + schema, encoding="utf-8") as file:
        jsonschema.Draft7Validator(json.load(file)).validate(value)
    return value


def execute(command, repository, options, more):
    """As the runners do: bash, in the repository, ended by the first command that fails."""
    sys.stdout.flush()
    return subprocess.run(["bash", *options, "-c", command], cwd=repository, env={**os.environ, "CI": "true", **more},
                          stdin=subprocess.DEVNULL).returncode


def outputs_of(path):
    with open(path, encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("=", 1) for line in file)


def report_points(step, outputs):
    """The reporter adds up the tests' scores of each runner that is named."""
    for runner in step["with"]["runners"].split(","):
        wanted = step["env"][runner.upper() + "_RESULTS"]
        assert wanted == "${{ steps.%s.outputs.result }}" % runner, wanted
        value = json.loads(base64.b64decode(outputs[runner]["result"]))
        print(f"points: {round(sum(test['score'] for test in value['tests']), 2):g} of {value['max_score']:g}")


def is_run(step, has_failed, outputs):
    """The two conditions that the workflow uses."""
    condition = step.get("if", "").replace("${{", "").replace("}}", "").strip()
    if not condition:
        return not has_failed
    parts = [part.strip() for part in condition.split("&&")]
    assert parts[0] == "!cancelled()", condition
    for part in parts[1:]:
        place, value = part.split(" == ")
        _, name, _, output = place.split(".")
        if outputs.get(name, {}).get(output) != value.strip("'"):
            return False
    return True


def github(repository):
    workflow = load(repository + "/.github/workflows/classroom.yml", "github-workflow.schema.json")
    outputs, lines, has_failed = {}, [], False
    summary = tempfile.NamedTemporaryFile()
    for step in workflow["jobs"]["autograding"]["steps"]:
        if not is_run(step, has_failed, outputs):
            lines.append(f"{step['name']}: not run")
        elif "run" in step:
            with tempfile.NamedTemporaryFile() as output:
                status = execute(step["run"], repository, ["-e"], {
                    "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": repository, "GITHUB_OUTPUT": output.name,
                    "GITHUB_STEP_SUMMARY": summary.name})
                outputs[step.get("id", "")] = outputs_of(output.name)
            has_failed = has_failed or status != 0
            lines.append(f"{step['name']}: {status}")
        elif "grading-reporter" in step["uses"]:
            report_points(step, outputs)
    if os.path.getsize(summary.name) > 0:
        lines.append("summary: yes")
    return lines


def gitlab(repository):
    lines = []
    for job in load(repository + "/.gitlab-ci.yml", "gitlab-ci.schema.json").values():
        script = "\n".join(job.get("before_script", []) + job["script"])
        status = execute(script, repository, ["-eo", "pipefail"], {"GITLAB_CI": "true", "CI_PROJECT_DIR": repository,
                                                                   "CI_JOB_TOKEN": "TOKEN_OF_JOB"})
        lines.append(f"script: {status}")
        for path in job["artifacts"]["paths"] + list(job["artifacts"]["reports"].values()):
            lines.append(f"{path}: {'yes' if os.path.exists(os.path.join(repository, path)) else 'no'}")
    return lines


if __name__ == "__main__":
    print("\n".join({"github": github, "gitlab": gitlab}[sys.argv[1]](os.path.realpath(sys.argv[2]))))
