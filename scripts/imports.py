#!/usr/bin/env python3
"""Names dependencies that Package.swift declares and no file of the target imports.

The build itself refuses the opposite, an import that is not declared (`make check` asks it to)."""
import json
import os
import re
import subprocess
import sys

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
described = subprocess.run(
    ["swift", "package", "describe", "--type", "json"], cwd=root, capture_output=True, text=True)
if described.returncode != 0:
    sys.exit(f"imports: Package.swift cannot be read:\n{described.stderr}")
statement = re.compile(
    r"^[ \t]*(?:(?:public|package|internal|fileprivate|private|@\w+(?:\([^)]*\))?)[ \t]+)*import[ \t]+(?:\w+[ \t]+)?(\w+)",
    re.M)
stale = []
for target in json.loads(described.stdout)["targets"]:
    if target["module_type"] != "SwiftTarget":
        continue
    imported = set()
    for name in target["sources"]:
        with open(os.path.join(root, target["path"], name), encoding="utf-8") as source:
            imported.update(statement.findall(source.read()))
    declared = target.get("target_dependencies", []) + target.get("product_dependencies", [])
    stale += [(target["name"], other) for other in declared if other not in imported]
# A test target of the command line needs the program built, not imported.
stale = [(name, other) for name, other in stale if other != "assay"]
for name, other in stale:
    print(f"imports: {name} declares {other} and never imports it; take it out of Package.swift", file=sys.stderr)
sys.exit(1 if stale else 0)
