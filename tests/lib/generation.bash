# shellcheck shell=bash
# For bats files that generate pictures with the cloud of lib/cloud.bash.
#
#   load lib/generation
#   local_setup() { cloud_reset; generation_here; }

# generation_here - small, cheap pictures from this cloud into the local store, and no
# waiting.
generation_here() {
    export IMGCTL_HTTP_RETRY_BASE=1 IMGCTL_STORE=local
    export IMGCTL_GENERATE_SIZE=1024x1024 IMGCTL_GENERATE_QUALITY=low
    export OPENAI_BASE_URL=http://127.0.0.1:$CLOUD_PORT/v1 OPENAI_API_KEY=$CLOUD_OPENAI_KEY
}

# The folders of answers that wait to be stored; how many there are.
state_dir() { printf '%s' "$HOME/.local/state/imgctl/spool"; }
spools() { find "$(state_dir)" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l; }

# The states of all jobs, sorted, between blanks.
states() { imgctl jobs --limit 0 --json | jq -r '[.jobs[].state] | sort | join(" ")'; }

# fault WHEN DO [MEMBERS] - of the next generation.
fault() { cloud_fault "{\"path\":\"generations\$\", \"when\":\"$1\", \"do\":\"$2\"${3:+, $3}}"; }

# refusal CODE - the next generation is refused by the service.
refusal() { cloud_fault "{\"path\":\"generations\$\", \"do\":\"openai\", \"error\":\"$1\"}"; }

# hang - the next generation is paid for, and not answered.
hang() { fault acted hang '"ms":60000'; }
