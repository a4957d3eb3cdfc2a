#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# systemd.sh FOLDER UNIT: systemd as the first process of namespaces of its own, which starts this unit of those in
# FOLDER/units. It and all that it has started are killed when this is told to end. What is mounted here is seen by nobody
# else, and the control groups are below one that goes, too.
set -eu

inside() {
  mount -t proc proc /proc
  umount -R /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  umount "$folder/groups"
  mount -t tmpfs tmpfs /run
  exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_UNIT_PATH="$folder/units" \
    SYSTEMD_GENERATOR_PATH= /lib/systemd/systemd --system --unit="$unit" --log-target=console --show-status=no
}

removed() { find "$group" -depth -type d -exec rmdir {} + 2>/dev/null; }
outside() {
  mkdir "$folder/groups"
  mount -t cgroup2 cgroup2 "$folder/groups"
  group=$folder/groups/countersign-$$
  mkdir "$group"
  sh -c 'echo $$ >"$1/cgroup.procs"
    exec unshare --pid --fork --kill-child --cgroup --mount --ipc --uts sh "$2" "$3" "$4" inside' \
    sh "$group" "$0" "$folder" "$unit" &
  # while it has a child, unshare heeds no other signal
  trap 'kill -KILL $!' TERM
  wait || :
  for _ in $(seq 100); do
    if removed; then exit 0; fi
    sleep 0.1
  done
  echo "$group stays" >&2
  exit 1
}

folder=$1
unit=$2
case ${3-} in
  '') exec unshare --mount sh "$0" "$folder" "$unit" outside ;;
  *) "$3" ;;
esac
