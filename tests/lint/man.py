#!/usr/bin/env python3
"""Checks that a manual page and the help of its program list the same verbs and options: man.py PAGE
VERBS|OPTIONS, with the help on standard input.

VERBS: standard input is `relmanctl help all`, with two spaces before each verb and its arguments. In the
page, the line after a .TP begins with a bold verb and has the options of the verb. OPTIONS: standard input is
`relmand --help`, with a line for each option. In the page, the line after a .TP begins with a dash. With
VERBS, options that all verbs accept may have a separate .TP."""

import re
import sys

OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]*|-[a-zA-Z])(?![\w-])")


def plain(line):
    """Returns the text without roff's fonts and escapes: '.BR \\-h ", " \\-\\-help' is '-h, --help'."""
    line = re.sub(r"\\f[A-Z]", "", line)
    if line.startswith("."):
        line = re.sub(r'"([^"]*)"', r"\1", re.sub(r"^\.\w+ *", "", line))
    return line.replace("\\-", "-").replace("\\&", "")


def headings(page):
    """Yields (line number, text) of each line after a .TP, joined with the lines that continue it."""
    lines = page.splitlines()
    for i, line in enumerate(lines[:-1]):
        if line.startswith(".TP"):
            last = i + 1
            while lines[last].endswith("\\") and last + 1 < len(lines):
                last += 1
            yield i + 2, "".join(part.removesuffix("\\") for part in lines[i + 1:last + 1])


def verbs_of_help(text):
    return {m[1]: set(OPTION.findall(m[2])) for m in re.finditer(r"^  ([a-z][a-z-]*)(.*)$", text, re.M)}


def verbs_of_page(page):
    found = {}
    for number, heading in headings(page):
        m = re.match(r"\\fB([a-z][a-z\\-]*)\\fR(.*)", heading)
        if m:
            options = found.setdefault(plain(m[1]), (number, set()))[1]
            options.update(OPTION.findall(plain(m[2])))
    return found


def check_verbs(name, page, text):
    wanted, found = verbs_of_help(text), verbs_of_page(page)
    for verb in sorted(wanted.keys() - found.keys()):
        yield f"{name}: verb '{verb}' of the help is not here"
    for verb in sorted(found):
        number, options = found[verb]
        if verb not in wanted:
            yield f"{name}:{number}: the help has no verb '{verb}'"
            continue
        for option in sorted(wanted[verb] - options):
            yield f"{name}:{number}: option {option} of '{verb}' is not here"
        for option in sorted(options - wanted[verb]):
            yield f"{name}:{number}: the help has no option {option} of '{verb}'"
    if not wanted:
        yield f"{name}: the help tells of no verb"


def check_options(name, page, text):
    wanted = {o for line in re.findall(r"^  (-.*?)(?:  |$)", text, re.M) for o in OPTION.findall(line)}
    found = {}
    for number, heading in headings(page):
        if plain(heading).startswith("-"):
            found.update({option: number for option in OPTION.findall(plain(heading))})
    for option in sorted(wanted - found.keys()):
        yield f"{name}: option {option} of the help is not here"
    for option in sorted(found.keys() - wanted):
        yield f"{name}:{found[option]}: the help has no option {option}"
    if not wanted:
        yield f"{name}: the help tells of no option"


def main():
    path, what = sys.argv[1:]
    with open(path) as f:
        page = f.read()
    problems = list({"VERBS": check_verbs, "OPTIONS": check_options}[what](path, page, sys.stdin.read()))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
