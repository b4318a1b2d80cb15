#!/usr/bin/env bash
# Finds, installs or builds vpnconform, and names the program in the output
# program. action.yml says what the variables are.
set -euo pipefail

refuse() { printf '::error title=vpnconform::%s\n' "$1"; exit 2; }

bin=${RUNNER_TEMP:?}/vpnconform-bin
if [ -n "$INPUT_PATH" ] && [ -n "$INPUT_VERSION" ]; then
	refuse 'path and version exclude each other'
elif [ -n "$INPUT_PATH" ]; then
	program=$(type -P -- "$INPUT_PATH") || refuse 'path names no program'
	case $program in /*) ;; *) program=$PWD/$program ;; esac
elif [ -n "$INPUT_VERSION" ]; then
	[[ $INPUT_VERSION =~ ^[A-Za-z0-9][A-Za-z0-9.+_-]*$ ]] || refuse 'version is none'
	GOBIN=$bin go install "github.com/vpnconform/vpnconform/conformance/cmd/vpnconform@$INPUT_VERSION"
	program=$bin/vpnconform
else
	program=$bin/vpnconform
	go build -C "${GITHUB_ACTION_PATH:?}" -o "$program" ./conformance/cmd/vpnconform
fi
case $program in *[[:cntrl:]]*) refuse 'path has control characters' ;; esac
printf 'program=%s\n' "$program" >>"$GITHUB_OUTPUT"
