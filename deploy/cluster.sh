# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What deploy/check and deploy/soak have in common, who read this in with their arguments SCRIPTS [FOLDER]. It makes the images
# unless IMAGES is a folder with them, starts the cluster, and ends it when they end.
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scripts=$(cd "${1:?the folder with up.sh and down.sh}" && pwd)
if [ -n "${2-}" ]; then
  mkdir -p "$2"
  cluster=$(cd "$2" && pwd)
else
  cluster=$(mktemp -d)
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
k() { "$cluster/kubectl" "$@"; }
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

# This cluster makes volumes that only root can write into, and its server is not root: so here is one before.
volume() {
  "$cluster/node.sh" sh -c "rm -rf /run/spire-data && mkdir -m 777 /run/spire-data"
  k delete pv spire-data --ignore-not-found >/dev/null
  k apply -f - >/dev/null <<'END'
apiVersion: v1
kind: PersistentVolume
metadata: { name: spire-data }
spec:
  capacity: { storage: 1Gi }
  accessModes: [ReadWriteOnce]
  storageClassName: standard
  claimRef: { namespace: spire-system, name: data-spire-server-0 }
  hostPath: { path: /run/spire-data, type: Directory }
END
}

[ -n "${IMAGES-}" ] || "$here/images"
IMAGES=$(cd "${IMAGES:-$here/target/images}" && pwd)
trap '"$scripts/down.sh" "$cluster" || true' EXIT
"$scripts/up.sh" "$cluster"
export IMAGES KUBECTL=$cluster/kubectl IMAGE_LOADER="$cluster/node.sh ctr -n k8s.io images import" CURL="$cluster/node.sh curl"
PAGE=http://$(k get nodes -o 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}'):30080
export PAGE
