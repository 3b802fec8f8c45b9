#!/usr/bin/env bash
# One shard of toys for HTCondor, which counts from zero: see htcondor.sub.
set -euo pipefail
analysis=${1:?analysis file}
directory=${2:?directory of the results}
number=${3:?number of toys of all shards}
process=${4:?number of this job, from 0}
shards=${5:?number of jobs}

# Where bsinv is installed, such as: source "$HOME/venv/bin/activate"
exec bsinv toys "$analysis" --number "$number" --out "$directory" \
  --shard "$((process + 1))/$shards" --executor serial
