#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the autograder. It installs the kit in an environment of its own.
set -euo pipefail

source=/autograder/source
export DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore

# Sets python to one that is new enough and can make environments, if there is one.
find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            return
        fi
    done
    return 1
}

if ! find_python && command -v apt-get >/dev/null; then
    apt-get update -qq
    for package in python3 python3.13 python3.12 python3.11; do
        if apt-get install -y -qq --no-install-recommends "$package" "$package-venv" && find_python; then
            break
        fi
    done
fi
if ! find_python; then
    echo "setup.sh: this image has no Python 3.11 or newer with venv; choose a newer base image" >&2
    exit 1
fi

environment=$source/environment
"$python" -m venv "$environment"
# What else the kit requires is for nbgrader and for reports to people; grading here needs none of it.
"$environment/bin/python" -m pip install --quiet --prefer-binary -r "$source/requirements.txt"
packages=$("$environment/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
cp -R "$source/kit/." "$packages"
"$environment/bin/python" -m compileall -q "$packages/grader"
"$environment/bin/python" -I -m grader.cli.kit --version
