# SPDX-License-Identifier: Apache-2.0
"""The least memory in which an OS boots, each of a few times: by bisection, where a boot ends with the first word of
the kernel about memory, or when it takes much longer than one with plenty of it.
"""
import sys
import time

import boot

STEP, LEAST_TRIED, MOST_TRIED = 4, 32, 256  # MiB
BOOTS = 3
TOO_LITTLE = r"Initramfs unpacking failed|Out of memory|Kernel panic|page allocation failure"


def boots(path, ready, mib, limit):
    """What is far too little makes no machine at all, or one that says nothing."""
    with boot.Boot(path, args=["--mem", str(mib), "--exit-on-panic"]) as vm:
        try:
            said = vm.wait_for("(%s)|%s" % (ready, TOO_LITTLE), limit)
        except boot.BootError:
            said = None
    print("%d MiB: %s" % (mib, said[0] if said else "nothing"), file=sys.stderr, flush=True)
    return bool(said) and bool(said[1])


def is_enough(*args):
    return all(boots(*args) for _ in range(BOOTS))


def least(path, ready):
    """MiB, with which an OS says what the regular expression is for."""
    low, high, started = LEAST_TRIED, MOST_TRIED, time.monotonic()
    if not boots(path, ready, high, 5 * boot.LIMIT):
        raise boot.BootError("%d MiB are not enough" % high)
    limit = 4 * (time.monotonic() - started)
    while high - low > STEP:
        middle = (low + high) // 2 // STEP * STEP
        low, high = (low, middle) if is_enough(path, ready, middle, limit) else (middle, high)
    return high
