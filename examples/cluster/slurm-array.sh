#!/usr/bin/env bash
# Toys as an array of SLURM jobs, one shard each, all in one directory:
#
#   jobs=$(sbatch --parsable --array=1-100 slurm-array.sh analysis.yaml results 100000)
#   sbatch --dependency=afterany:"$jobs" --wrap "bsinv merge results"
#
# A job that is killed or out of time is sent again with the same line: what its shard has on disk is
# kept. `bsinv status results` tells how far all are.
#SBATCH --job-name=bsinv-toys
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=12:00:00
#SBATCH --signal=TERM@60
set -euo pipefail
analysis=${1:?analysis file}
directory=${2:?directory of the results, on a disk that all jobs share}
number=${3:?number of toys of all shards}

# Where bsinv is installed, such as: source "$HOME/venv/bin/activate"
exec bsinv toys "$analysis" --number "$number" --out "$directory" \
  --shard "${SLURM_ARRAY_TASK_ID:?not in an array}/${SLURM_ARRAY_TASK_COUNT:?}" --executor serial
