# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What deploy/check and deploy/soak have in common, who read this in with their arguments [SCRIPTS [FOLDER]]. It makes the images
# unless IMAGES is a folder with them. With SCRIPTS it starts the cluster, and ends it when they end; without, it is the one that
# the environment names as for deploy/demo, of whose nodes nothing is known: then cluster is empty.
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cluster=
# a folder of our own for it
made=
if [ -n "${2-}" ]; then
  mkdir -p "$2"
  cluster=$(cd "$2" && pwd)
elif [ -n "${1-}" ]; then
  cluster=$(mktemp -d)
  made=$cluster
fi
passed=0
failed=0
# for numbers and tables, which are shown whatever comes of them
exec 3>&1

check() {
  local what=$1 said
  shift
  if said=$("$@" 2>&1); then
    passed=$((passed + 1))
    echo "ok: $what"
  else
    failed=$((failed + 1))
    echo "FAILED: $what: $said"
  fi
}
not_tried() { echo "NOT TRIED: $*"; }
k() { "${kubectl[@]}" "$@"; }
says() { case $2 in *"$1"*) ;; *) echo "expected $1 in: $2"; return 1 ;; esac; }
# eventually SECONDS COMMAND...: what it says is what the last try said
eventually() {
  local end=$((SECONDS + $1)) said
  shift
  until said=$("$@" 2>&1); do
    [ $SECONDS -lt $end ] || { echo "$said"; return 1; }
    sleep 0.5
  done
}
# logged NAMESPACE POD WORDS
logged() { says "$3" "$(k -n "$1" logs "$2" --tail=-1)"; }

# A cluster of one node makes volumes that only root can write into, and servers and database are not root: so here are some
# before.
volumes() {
  local claim
  [ -n "$cluster" ] || return 0
  for claim in spire-data-spire-server-0 spire-data-spire-server-1 data-spire-datastore-0; do
    "$cluster/node.sh" sh -c "rm -rf /run/spire-data/$claim && mkdir -p -m 777 /run/spire-data/$claim"
    k delete pv "$claim" --ignore-not-found >/dev/null
    k apply -f - >/dev/null <<END
apiVersion: v1
kind: PersistentVolume
metadata: { name: $claim }
spec:
  capacity: { storage: 1Gi }
  accessModes: [ReadWriteOnce]
  storageClassName: standard
  claimRef: { namespace: spire-system, name: $claim }
  hostPath: { path: /run/spire-data/$claim, type: Directory }
END
  done
}

[ -n "${IMAGES-}" ] || "$here/images"
IMAGES=$(cd "${IMAGES:-$here/target/images}" && pwd)
export IMAGES
end_cluster() {
  [ -z "$cluster" ] || "$scripts/down.sh" "$cluster" || echo "the cluster in $cluster has not ended" >&2
  [ -z "$made" ] || rm -rf "$made"
}
if [ -n "$cluster" ]; then
  scripts=$(cd "$1" && pwd)
  trap end_cluster EXIT
  "$scripts/up.sh" "$cluster"
  export KUBECTL=$cluster/kubectl IMAGE_LOADER="$cluster/node.sh ctr -n k8s.io images import" CURL="$cluster/node.sh curl"
  PAGE=http://$("$KUBECTL" get nodes -o 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}'):30080
fi
# as deploy/demo has them
export PAGE=${PAGE:-http://localhost:8080}
read -ra kubectl <<<"${KUBECTL:-kubectl}"
read -ra loader <<<"${IMAGE_LOADER:-kind load image-archive --name spire-demo}"
read -ra curl <<<"${CURL:-curl}"
