#!/usr/bin/env bash
# `scripts/check-infra.sh`: cfn-lint and checkov over the synthesised templates of infra/, in a Python environment of their
# own below .spaceport/. Not part of .ci/run: installing and running both takes three times the CPU time of all tests of
# infra/, and the synthesis that is part of it judges the templates by AWS's schemas and cdk-nag already. Needs no account; pip
# needs its index once.
set -euo pipefail
cd "$(dirname "$0")/.."
environment=.spaceport/infra-checks
templates=$(mktemp -d)
trap 'rm -rf "$templates"' EXIT

# Rules that are not followed, each with the reason.
cfn_lint_except=(
  W3691 # "17" alone: RDS takes the newest 17 that it has, and brings later ones by itself
)
checkov_except=(
  CKV_AWS_18  # the bucket of access logs logs no access to itself
  CKV_AWS_118 # RDS's finer monitoring needs a role of AWS's making; the alarms use what there is without
  CKV_AWS_157 # dev has one zone: its database can be made anew of the bucket
  CKV_AWS_158 # SageMaker's own log groups serve all stages of a region, whose keys are not theirs
  CKV_AWS_161 # the server signs in by a password of Secrets Manager, which nobody else reads
  CKV_AWS_260 # port 80 leads to HTTPS
)

[ -x "$environment/bin/checkov" ] || {
  python3 -m venv --clear "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --no-compile cfn-lint==1.58.0 checkov==3.3.30
}
node scripts/spaceport.mjs infra synth "$templates"
"$environment/bin/cfn-lint" --ignore-checks "${cfn_lint_except[@]}" --template "$templates"/*.template.json
"$environment/bin/checkov" --framework cloudformation --skip-download --quiet --compact \
  --skip-check "$(IFS=, && echo "${checkov_except[*]}")" --directory "$templates"
echo 'cfn-lint and checkov find nothing'
