#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# libseccomp 2.5.4-1+deb12u1 (Debian 12): a different errno for each address family fails once i386 is added.
#
# A filter allows socket() for AF_NETLINK, and fails it with EAFNOSUPPORT for AF_ALG and ENOSYS for AF_VSOCK: three
# rules that compare the first argument. With x86_64 alone all are accepted. After seccomp_arch_add(x86), as in the
# usual profiles for containers, seccomp_rule_add returns -17 (EEXIST) for the second and the third:
#     x86_64:        0 0 0
#     x86_64 + x86:  0 -17 -17
# On i386, socket() is also a function of socketcall(), whose arguments are in memory. The library turns each rule
# into one for socketcall() without the comparison, and that contradicts the previous one.
#
# A runtime rejects a valid profile ("File exists"), or drops the rule, depending on the architectures listed
# elsewhere in the file. Leave the families to be refused to the default action of the filter.

set -eu
export LC_ALL=C

changed() {
    echo "$0: not as described: $*" >&2
    exit 1
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
timeout 120 apt-get -qq -o APT::Sandbox::User=root download libseccomp2=2.5.4-1+deb12u1 || exit 2
dpkg -x ./*.deb root
PATH=$dir/root/usr/bin:$PATH

cat >rules.py <<'EOF'
import ctypes, glob

ALLOW, ERRNO, X86, CMP_EQ = 0x7FFF0000, 0x00050000, 0x40000003, 4
EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
NETLINK, ALG, VSOCK = 16, 38, 40
lib = ctypes.CDLL(glob.glob("root/usr/lib/*/libseccomp.so.2")[0])


class Compare(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


lib.seccomp_init.restype = ctypes.c_void_p
lib.seccomp_arch_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
lib.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p]
for name, architectures in (("x86_64", []), ("x86_64 + x86", [X86])):
    rules = lib.seccomp_init(ERRNO | EPERM)
    for architecture in architectures:
        assert lib.seccomp_arch_add(rules, architecture) == 0
    answers = []
    for family, action in ((NETLINK, ALLOW), (ALG, ERRNO | EAFNOSUPPORT), (VSOCK, ERRNO | ENOSYS)):
        compare = Compare(0, CMP_EQ, family, 0)
        number = lib.seccomp_syscall_resolve_name(b"socket")
        answers.append(lib.seccomp_rule_add_array(rules, action, number, 1, ctypes.byref(compare)))
    print(name + ":", *answers)
EOF
[ "$(uname -m)" = x86_64 ] || exit 2
timeout 20 python3 rules.py >answers || exit 2
cat answers
grep -qx 'x86_64: 0 0 0' answers || changed "x86_64 alone"
grep -qx 'x86_64 + x86: 0 -17 -17' answers || changed "x86_64 with x86"
echo "as described: EEXIST with i386 only"
