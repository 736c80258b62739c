#!/usr/bin/env bash
# Usage, in a mount namespace of its own: as_autograder.sh AUTOGRADER EMPTY COMMAND...
#
# Runs COMMAND with the folder AUTOGRADER as /autograder, and everything else as it was. EMPTY is an empty folder for it.
set -euo pipefail

autograder=$1 root=$2
shift 2
mount -t tmpfs -o mode=755 none "$root"
for entry in /*; do
    if [ "$entry" = /autograder ]; then
        continue
    elif [ -L "$entry" ]; then
        cp -P "$entry" "$root$entry"
    elif [ -d "$entry" ]; then
        mkdir "$root$entry"
        mount --rbind "$entry" "$root$entry"
    fi
done
mkdir "$root/autograder" "$root/.before"
mount --bind "$autograder" "$root/autograder"
cd "$root"
# pivot_root is in a folder that only root has on its PATH.
PATH=$PATH:/usr/sbin:/sbin pivot_root . .before
umount -l /.before
rmdir /.before
exec "$@"
