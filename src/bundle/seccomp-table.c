/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system calls of a contained service. Everything that is not a privilege, hard to
 * contain, or dead is allowed; what belongs to a capability is allowed with that capability.
 * tools/check-seccomp compares it with the C library's list and the docs.
 */
#include "base/attr.h"
#include "bundle/seccomp.h"

enum {
	DAC_READ_SEARCH = 2,
	SYS_MODULE = 16,
	SYS_RAWIO = 17,
	SYS_CHROOT = 18,
	SYS_PTRACE = 19,
	SYS_PACCT = 20,
	SYS_ADMIN = 21,
	SYS_BOOT = 22,
	SYS_NICE = 23,
	SYS_TIME = 25,
	SYS_TTY_CONFIG = 26,
	SYSLOG = 34,
	PERFMON = 38,
	BPF = 39,
};
#define CAP(n_) (UINT64_C(1) << (n_))

const struct seccomp_group seccomp_groups[] = {
	/* ---- for everyone ---- */
	{"files", 0, SECCOMP_ALLOW,
		"access cachestat chdir chmod chown chown32 close close_range copy_file_range "
		"creat dup dup2 dup3 "
		"faccessat faccessat2 fadvise64 fadvise64_64 arm_fadvise64_64 fallocate fchdir "
		"fchmod fchmodat "
		"fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr "
		"flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs "
		"fstatfs64 fsync ftruncate "
		"ftruncate64 futimesat getcwd getdents getdents64 getxattr getxattrat "
		"inotify_add_watch inotify_init "
		"inotify_init1 inotify_rm_watch ioctl lchown lchown32 lgetxattr link linkat "
		"listxattr listxattrat "
		"llistxattr lremovexattr lseek _llseek lsetxattr lstat lstat64 mkdir mkdirat "
		"mknod mknodat "
		"name_to_handle_at newfstatat open openat openat2 pread64 preadv preadv2 "
		"pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv removexattr "
		"removexattrat rename renameat renameat2 rmdir sendfile sendfile64 setxattr "
		"setxattrat splice stat "
		"stat64 statfs statfs64 statx symlink symlinkat sync sync_file_range "
		"sync_file_range2 "
		"arm_sync_file_range syncfs tee truncate truncate64 umask unlink unlinkat utime "
		"utimensat "
		"utimensat_time64 utimes vmsplice write writev listmount statmount fanotify_mark"},
	{"memory", 0, SECCOMP_ALLOW,
		"brk madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock "
		"mlock2 mlockall "
		"mmap mmap2 mprotect mremap mseal msync munlock munlockall munmap pkey_alloc "
		"pkey_free "
		"pkey_mprotect process_mrelease remap_file_pages"},
	{"processes", 0, SECCOMP_ALLOW,
		"arch_prctl capget capset execve execveat exit exit_group fork getegid getegid32 "
		"geteuid geteuid32 "
		"getgid getgid32 getgroups getgroups32 getpgid getpgrp getpid getppid "
		"getpriority getresgid "
		"getresgid32 getresuid getresuid32 getrlimit getrusage getsid gettid getuid "
		"getuid32 ioprio_get "
		"ioprio_set kill landlock_add_rule landlock_create_ruleset landlock_restrict_self "
		"pause pidfd_open pidfd_send_signal "
		"prctl prlimit64 restart_syscall rt_sigaction rt_sigpending rt_sigprocmask "
		"rt_sigqueueinfo "
		"rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 "
		"rt_tgsigqueueinfo "
		"sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr "
		"sched_getparam "
		"sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 "
		"sched_setaffinity "
		"sched_setattr sched_setparam sched_setscheduler sched_yield seccomp setfsgid "
		"setfsgid32 setfsuid "
		"setfsuid32 setgid setgid32 setgroups setgroups32 setpgid setpriority setregid "
		"setregid32 "
		"setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit "
		"setsid setuid setuid32 "
		"sigaltstack sigprocmask sigreturn "
		"sysinfo tgkill times tkill ugetrlimit uname uretprobe vfork wait4 waitid "
		"waitpid"},
	/* Since Linux 4.8 the filter is asked again after a tracer has changed a call. */
	{"debuggers", 0, SECCOMP_ALLOW, "process_vm_readv process_vm_writev ptrace"},
	{"threads", 0, SECCOMP_ALLOW,
		"futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake "
		"get_robust_list "
		"get_thread_area getcpu rseq set_robust_list set_thread_area set_tid_address "
		"set_tls cacheflush breakpoint riscv_flush_icache riscv_hwprobe swapcontext"},
	{"waiting and time", 0, SECCOMP_ALLOW,
		"adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 "
		"clock_gettime "
		"clock_gettime64 clock_nanosleep clock_nanosleep_time64 epoll_create "
		"epoll_create1 epoll_ctl "
		"epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd "
		"eventfd2 getitimer "
		"gettimeofday io_cancel io_destroy io_getevents io_pgetevents "
		"io_pgetevents_time64 io_setup "
		"io_submit nanosleep _newselect poll ppoll ppoll_time64 pselect6 pselect6_time64 "
		"select setitimer "
		"signalfd signalfd4 time timer_create timer_delete timer_getoverrun timer_gettime "
		"timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime "
		"timerfd_gettime64 "
		"timerfd_settime timerfd_settime64"},
	{"talking", 0, SECCOMP_ALLOW,
		"accept accept4 bind connect getpeername getrandom getsockname getsockopt ipc "
		"listen mq_getsetattr "
		"mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend "
		"mq_timedsend_time64 "
		"mq_unlink msgctl msgget msgrcv msgsnd pipe pipe2 recv recvfrom recvmmsg "
		"recvmmsg_time64 recvmsg "
		"semctl semget semop semtimedop semtimedop_time64 send sendmmsg sendmsg sendto "
		"setsockopt shmat "
		"shmctl shmdt shmget shutdown socketpair"},

	/* ---- with a capability ---- */
	{"mounts and namespaces", CAP(SYS_ADMIN), SECCOMP_PRIVILEGE,
		"fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree "
		"open_tree_attr "
		"pivot_root setdomainname sethostname setns umount umount2 unshare"},
	{"administration", CAP(SYS_ADMIN), SECCOMP_PRIVILEGE,
		"fanotify_init lookup_dcookie quotactl quotactl_fd swapoff swapon"},
	{"another root", CAP(SYS_CHROOT), SECCOMP_PRIVILEGE, "chroot"},
	{"programs in the kernel", CAP(BPF) | CAP(SYS_ADMIN), SECCOMP_PRIVILEGE, "bpf"},
	{"performance counters", CAP(PERFMON) | CAP(SYS_ADMIN), SECCOMP_PRIVILEGE,
		"perf_event_open"},
	{"other processes", CAP(SYS_PTRACE), SECCOMP_PRIVILEGE,
		"kcmp pidfd_getfd process_madvise userfaultfd"},
	{"kernel modules", CAP(SYS_MODULE), SECCOMP_PRIVILEGE,
		"delete_module finit_module init_module"},
	{"another kernel", CAP(SYS_BOOT), SECCOMP_PRIVILEGE, "kexec_file_load kexec_load reboot"},
	{"the clock", CAP(SYS_TIME), SECCOMP_PRIVILEGE,
		"clock_settime clock_settime64 settimeofday stime"},
	{"the hardware", CAP(SYS_RAWIO), SECCOMP_PRIVILEGE,
		"ioperm iopl pciconfig_iobase pciconfig_read pciconfig_write rtas "
		"s390_pci_mmio_read "
		"s390_pci_mmio_write"},
	{"placing memory", CAP(SYS_NICE), SECCOMP_PRIVILEGE,
		"get_mempolicy mbind migrate_pages move_pages set_mempolicy "
		"set_mempolicy_home_node"},
	{"files by their handles", CAP(DAC_READ_SEARCH), SECCOMP_PRIVILEGE, "open_by_handle_at"},
	{"the kernel's log", CAP(SYSLOG) | CAP(SYS_ADMIN), SECCOMP_PRIVILEGE, "syslog"},
	{"accounting", CAP(SYS_PACCT), SECCOMP_PRIVILEGE, "acct"},
	{"hanging up", CAP(SYS_TTY_CONFIG), SECCOMP_PRIVILEGE, "vhangup"},

	/* ---- never ---- */
	{"keyrings", 0, SECCOMP_DENY, "add_key keyctl request_key"},
	{"io_uring", 0, SECCOMP_DENY, "io_uring_enter io_uring_register io_uring_setup"},
	{"hidden arguments", 0, SECCOMP_DENY, "socketcall"},
	{"old processor modes", 0, SECCOMP_DENY, "modify_ldt vm86 vm86old"},
	{"relics", 0, SECCOMP_DENY, "_sysctl nfsservctl sysfs uselib ustat"},
};
const size_t seccomp_groups_n = ARRAY_SIZE(seccomp_groups);
