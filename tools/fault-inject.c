/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded by tools/fault-sweep: counts the calls of some functions of the C library and lets the
 * n-th one, or all from the n-th on, fail. What glibc calls inside itself is not seen. Set by the
 * environment, which is taken away so that programs that are started run without it:
 *
 *     FAULT_STATE     a file of COUNTS numbers of 32 bits: whether the fault was met, then the
 * calls of each function so far FAULT_FUNCTION  its place in the table below; nothing fails without
 * it FAULT_CALL      which call, from 1 FAULT_ERRNO     the error FAULT_ON        all calls from
 * there on
 *
 * All functions are called as ones of six long arguments, which the calling conventions of x86-64
 * and AArch64 allow for those here.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "not known here: how arguments are passed"
#endif

enum returns { MINUS_ONE, NULL_POINTER, THE_ERROR };

/* What is failed together, and with which errors. */
#define FUNCTIONS(X)                                   \
	X(open, MINUS_ONE, EMFILE, EIO)                \
	X(tmpfile, MINUS_ONE, EOPNOTSUPP, ENOSPC)      \
	X(close, MINUS_ONE, EIO, 0)                    \
	X(read, MINUS_ONE, EIO, 0)                     \
	X(write, MINUS_ONE, ENOSPC, EIO)               \
	X(pread, MINUS_ONE, EIO, 0)                    \
	X(pwrite, MINUS_ONE, ENOSPC, 0)                \
	X(fsync, MINUS_ONE, EIO, 0)                    \
	X(rename, MINUS_ONE, EIO, ENOSPC)              \
	X(link, MINUS_ONE, EIO, EPERM)                 \
	X(symlink, MINUS_ONE, ENOSPC, 0)               \
	X(readlink, MINUS_ONE, EIO, 0)                 \
	X(unlink, MINUS_ONE, EIO, EACCES)              \
	X(mkdir, MINUS_ONE, ENOSPC, EACCES)            \
	X(mkstemp, MINUS_ONE, ENOSPC, 0)               \
	X(mkdtemp, NULL_POINTER, ENOSPC, 0)            \
	X(stat, MINUS_ONE, EIO, EACCES)                \
	X(fstat, MINUS_ONE, EIO, 0)                    \
	X(access, MINUS_ONE, EIO, 0)                   \
	X(ftruncate, MINUS_ONE, ENOSPC, 0)             \
	X(fallocate, MINUS_ONE, ENOSPC, EOPNOTSUPP)    \
	X(lseek, MINUS_ONE, EINVAL, 0)                 \
	X(mmap, MINUS_ONE, ENOMEM, 0)                  \
	X(opendir, NULL_POINTER, EMFILE, EIO)          \
	X(readdir, NULL_POINTER, EIO, 0)               \
	X(fopen, NULL_POINTER, EMFILE, 0)              \
	X(realpath, NULL_POINTER, EIO, 0)              \
	X(flock, MINUS_ONE, ENOLCK, EINTR)             \
	X(pipe, MINUS_ONE, EMFILE, 0)                  \
	X(dup, MINUS_ONE, EMFILE, 0)                   \
	X(fork, MINUS_ONE, EAGAIN, 0)                  \
	X(posix_spawn, THE_ERROR, EAGAIN, 0)           \
	X(pthread_create, THE_ERROR, EAGAIN, 0)        \
	X(socket, MINUS_ONE, EMFILE, 0)                \
	X(connect, MINUS_ONE, ECONNREFUSED, ETIMEDOUT) \
	X(poll, MINUS_ONE, ENOMEM, EINTR)              \
	X(recv, MINUS_ONE, ECONNRESET, 0)              \
	X(send, MINUS_ONE, EPIPE, ECONNRESET)          \
	X(sockopt, MINUS_ONE, ENOBUFS, 0)              \
	X(getrandom, MINUS_ONE, ENOSYS, 0)             \
	X(memfd_create, MINUS_ONE, ENOSYS, 0)          \
	X(copy_file_range, MINUS_ONE, EIO, EXDEV)      \
	X(sendfile, MINUS_ONE, EINVAL, 0)              \
	X(utimens, MINUS_ONE, EPERM, 0)                \
	X(chmod, MINUS_ONE, EPERM, 0)                  \
	X(fcntl, MINUS_ONE, EINVAL, 0)

enum function {
#define X(name_, returns_, a_, b_) F_##name_,
	FUNCTIONS(X)
#undef X
		N_FUNCTIONS
};

static const struct {
	const char *name;
	enum returns returns;
	int errors[2];
} functions[] = {
#define X(name_, returns_, a_, b_) {#name_, returns_, {a_, b_}},
	FUNCTIONS(X)
#undef X
};

static struct {
	uint32_t *counts; /* [0]: met; shared with who reads the file */
	unsigned function;
	uint32_t call;
	int error;
	bool on;
} state = {.function = N_FUNCTIONS};

typedef long function_type(long a, long b, long c, long d, long e, long f);

/* For tools/fault-sweep, which loads this with ctypes: NULL behind the last one; error is 0 behind
 * the last one. */
const char *fault_name(unsigned i);
int fault_error(unsigned i, unsigned k);

const char *fault_name(unsigned i)
{
	return i < N_FUNCTIONS ? functions[i].name : NULL;
}

int fault_error(unsigned i, unsigned k)
{
	return i < N_FUNCTIONS && k < 2 ? functions[i].errors[k] : 0;
}

static bool fails(enum function f)
{
	uint32_t n;

	if (!state.counts)
		return false;
	n = __atomic_add_fetch(&state.counts[1 + f], 1, __ATOMIC_RELAXED);
	if (f != state.function || n < state.call || (n > state.call && !state.on))
		return false;
	__atomic_store_n(&state.counts[0], 1, __ATOMIC_RELAXED);
	return true;
}

static long failure(enum function f)
{
	if (functions[f].returns == THE_ERROR)
		return state.error;
	errno = state.error;
	return functions[f].returns == NULL_POINTER ? 0 : -1;
}

static function_type *find(const char *symbol, function_type **real)
{
	/* dlsym gives an object's pointer for a function's. */
	union {
		void *object;
		function_type *function;
	} u;

	if (!*real) {
		u.object = dlsym(RTLD_NEXT, symbol);
		*real = u.function;
	}
	return *real;
}

#define DECLARE(symbol_)                                                                        \
	long fault_##symbol_(long a, long b, long c, long d, long e, long f) __asm__(#symbol_); \
	long fault_##symbol_(long a, long b, long c, long d, long e, long f)

/* condition_: whether this call counts. */
#define WRAP_IF(name_, symbol_, condition_)                                       \
	DECLARE(symbol_)                                                          \
	{                                                                         \
		static function_type *real;                                       \
                                                                                  \
		find(#symbol_, &real);                                            \
		return (condition_) && fails(F_##name_) ? failure(F_##name_)      \
							: real(a, b, c, d, e, f); \
	}
#define WRAP(name_, symbol_) WRAP_IF(name_, symbol_, true)

/* O_TMPFILE counts as a function of its own, too. flags_ is the argument that has the flags. */
#define WRAP_OPEN(symbol_, flags_)                                               \
	DECLARE(symbol_)                                                         \
	{                                                                        \
		const long unnamed = 020000000;                                  \
		static function_type *real;                                      \
                                                                                 \
		find(#symbol_, &real);                                           \
		if (((flags_)&unnamed) && fails(F_tmpfile))                      \
			return failure(F_tmpfile);                               \
		return fails(F_open) ? failure(F_open) : real(a, b, c, d, e, f); \
	}

WRAP_OPEN(open, b)
WRAP_OPEN(open64, b)
WRAP_OPEN(__open_2, b)
WRAP_OPEN(__open64_2, b)
WRAP_OPEN(openat, c)
WRAP_OPEN(openat64, c)
WRAP_OPEN(__openat_2, c)
WRAP_OPEN(__openat64_2, c)

/* The descriptor is closed all the same, as Linux does it. */
DECLARE(close)
{
	static function_type *real;
	long r = find("close", &real)(a, b, c, d, e, f);

	return fails(F_close) ? failure(F_close) : r;
}

/* What is said on stderr is how the sweep knows that something was said. */
WRAP_IF(write, write, (int)a != 2)
WRAP(write, writev)
WRAP(read, read)
WRAP(read, __read_chk)
WRAP(read, readv)
WRAP(pread, pread)
WRAP(pread, pread64)
WRAP(pread, __pread_chk)
WRAP(pread, __pread64_chk)
WRAP(pwrite, pwrite)
WRAP(pwrite, pwrite64)
WRAP(fsync, fsync)
WRAP(fsync, fdatasync)
WRAP(fsync, syncfs)
WRAP(rename, rename)
WRAP(rename, renameat)
WRAP(rename, renameat2)
WRAP(link, link)
WRAP(link, linkat)
WRAP(symlink, symlink)
WRAP(symlink, symlinkat)
WRAP(readlink, readlink)
WRAP(readlink, readlinkat)
WRAP(readlink, __readlink_chk)
WRAP(unlink, unlink)
WRAP(unlink, unlinkat)
WRAP(unlink, rmdir)
WRAP(mkdir, mkdir)
WRAP(mkdir, mkdirat)
WRAP(mkstemp, mkstemp)
WRAP(mkstemp, mkstemp64)
WRAP(mkstemp, mkostemp)
WRAP(mkstemp, mkostemp64)
WRAP(mkdtemp, mkdtemp)
WRAP(stat, stat)
WRAP(stat, stat64)
WRAP(stat, lstat)
WRAP(stat, lstat64)
WRAP(stat, fstatat)
WRAP(stat, fstatat64)
WRAP(stat, statx)
WRAP(fstat, fstat)
WRAP(fstat, fstat64)
WRAP(access, access)
WRAP(access, faccessat)
WRAP(ftruncate, ftruncate)
WRAP(ftruncate, ftruncate64)
WRAP(fallocate, fallocate)
WRAP(fallocate, fallocate64)
WRAP(lseek, lseek)
WRAP(lseek, lseek64)
WRAP(mmap, mmap)
WRAP(mmap, mmap64)
WRAP(opendir, opendir)
WRAP(opendir, fdopendir)
WRAP(readdir, readdir)
WRAP(readdir, readdir64)
WRAP(fopen, fopen)
WRAP(fopen, fopen64)
WRAP(realpath, realpath)
WRAP(realpath, __realpath_chk)
WRAP(flock, flock)
WRAP(pipe, pipe)
WRAP(pipe, pipe2)
WRAP(dup, dup)
WRAP(dup, dup2)
WRAP(dup, dup3)
WRAP(fork, fork)
WRAP(posix_spawn, posix_spawn)
WRAP(posix_spawn, posix_spawnp)
WRAP(pthread_create, pthread_create)
WRAP(socket, socket)
WRAP(socket, socketpair)
WRAP(connect, connect)
WRAP(poll, poll)
WRAP(poll, __poll_chk)
WRAP(recv, recv)
WRAP(recv, __recv_chk)
WRAP(recv, recvfrom)
WRAP(recv, recvmsg)
WRAP(send, send)
WRAP(send, sendto)
WRAP(send, sendmsg)
WRAP(sockopt, setsockopt)
WRAP(sockopt, getsockopt)
WRAP(getrandom, getrandom)
WRAP(memfd_create, memfd_create)
WRAP(copy_file_range, copy_file_range)
WRAP(sendfile, sendfile)
WRAP(sendfile, sendfile64)
WRAP(utimens, utimensat)
WRAP(utimens, futimens)
WRAP(chmod, chmod)
WRAP(chmod, fchmod)
WRAP(chmod, fchmodat)
WRAP(fcntl, fcntl)
WRAP(fcntl, fcntl64)

/* The C library's own, past the wrappers above. */
static long call(const char *symbol, long a, long b, long c, long d, long e)
{
	function_type *real = NULL;

	return find(symbol, &real)(a, b, c, d, e, 0);
}

static unsigned long number(const char *name)
{
	const char *text = getenv(name);
	unsigned long n = text ? strtoul(text, NULL, 10) : 0;

	unsetenv(name);
	return n;
}

__attribute__((constructor)) static void setup(void)
{
	enum { READ_WRITE = 2, PROT_BOTH = 3, SHARED = 1 };
	const char *path = getenv("FAULT_STATE");
	const size_t size = (1 + N_FUNCTIONS) * sizeof(*state.counts);
	bool chosen = getenv("FAULT_FUNCTION");
	int fd;
	long map;

	if (!path)
		return;
	fd = (int)call("open", (long)(uintptr_t)path, READ_WRITE, 0, 0, 0);
	if (fd < 0)
		abort();
	map = call("mmap", 0, (long)size, PROT_BOTH, SHARED, fd);
	if (map == -1)
		abort();
	call("close", fd, 0, 0, 0, 0);
	state.function = (unsigned)number("FAULT_FUNCTION");
	state.function = chosen ? state.function : N_FUNCTIONS;
	state.call = (uint32_t)number("FAULT_CALL");
	state.error = (int)number("FAULT_ERRNO");
	state.on = number("FAULT_ON");
	unsetenv("FAULT_STATE");
	unsetenv("LD_PRELOAD");
	state.counts = (uint32_t *)(uintptr_t)map;
}
