/* SPDX-License-Identifier: Apache-2.0 */
/* Console, loopback, host name, limits. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/console.h"
#include "common/machine.h"
#include "common/rtc.h"
#include "common/spawn.h"
#include "contract/paths.h"
#include "init/entropy.h"
#include "init/setup.h"

enum { OPEN_FILES_MAX = 1048576, HOST_NAME_BYTES = 64, CLOCK_IS_SET = 365 * 86400 };

void setup_stdio(void)
{
	int fd;

	/* The container manager has provided these. */
	if (machine_is_contained() && fcntl(STDERR_FILENO, F_GETFD) >= 0)
		return;
	fd = open("/dev/console", O_RDWR | O_NOCTTY);
	/* Without any console, output is lost, but descriptors 0 to 2 must exist. */
	if (fd < 0)
		fd = open("/dev/null", O_RDWR);
	for (int i = 0; fd >= 0 && i <= STDERR_FILENO; i++)
		if (fd != i)
			dup2(fd, i);
	if (fd > STDERR_FILENO)
		close(fd);
}

static void loopback_up(void)
{
	CLEANUP(fd) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = "lo"};

	if (fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP))
		return;
	request.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		console_line("init: can't bring up the interface lo: %s; continuing without it",
			strerror(errno));
}

/* The first word of a small file; NULL when there is none. Owned by the caller. */
static char *first_line(const char *path)
{
	CLEANUP(free) char *text = NULL;
	size_t size;

	if (file_read(path, 4096, &text, &size, NULL) < 0)
		return NULL;
	text[strcspn(text, " \t\r\n")] = 0;
	return *text ? STEAL(text) : NULL;
}

/* ID in /etc/os-release, which is a word of lower-case letters and digits. */
static char *os_name(void)
{
	enum { ID_MAX = 32, TEXT_MAX = 64 << 10 };
	CLEANUP(free) char *text = NULL;
	const char *id = NULL;
	size_t size, n = 0;

	if (file_read("/" OS_RELEASE, TEXT_MAX, &text, &size, NULL) < 0)
		return NULL;
	for (const char *line = text; line && !id; line = strchr(line, '\n')) {
		line += *line == '\n';
		id = str_after(line, "ID=");
	}
	if (id)
		id += strspn(id, "\"'");
	while (id && n < ID_MAX && strchr("abcdefghijklmnopqrstuvwxyz0123456789-", id[n]) && id[n])
		n++;
	return n ? str_dup_n(id, n) : NULL;
}

static char *name_from_address(void)
{
	CLEANUP(free) char *address = first_line("/sys/class/net/eth0/address");
	CLEANUP(strv) struct strv parts = {0};
	CLEANUP(free) char *digits = NULL;
	CLEANUP(free) char *name = NULL;

	if (!address)
		return NULL;
	strv_split(&parts, address, ':');
	digits = strv_join(&parts, "");
	name = os_name();
	return str_printf("%s-%s", name ? name : "linuxkit", digits);
}

static void host_name(void)
{
	CLEANUP(free) char *name = first_line("/etc/hostname");

	if (!name)
		name = name_from_address();
	if (!name)
		name = str_dup("wherry");
	if (sethostname(name, strnlen(name, HOST_NAME_BYTES)) < 0)
		console_line("init: can't set the host name %s: %s", name, strerror(errno));
}

/* A kernel whose clock driver is a module may not have read the clock. */
static void set_clock(void)
{
	struct timespec now;
	int64_t seconds;

	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec > CLOCK_IS_SET || rtc_read(&seconds) < 0)
		return;
	now = (struct timespec){.tv_sec = (time_t)seconds};
	if (clock_settime(CLOCK_REALTIME, &now) < 0)
		console_line("init: can't set the clock: %s", strerror(errno));
}

/* The OS's own /etc/sysctl.d. The program reports failures itself. */
static void set_sysctls(void)
{
	static const char *const argv[] = {"sysctl", "/etc/sysctl.d", NULL};
	pid_t pid = file_exists("/etc/sysctl.d") ? spawn("/sbin/sysctl", argv, -1) : 0;

	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* Where raising it is not permitted, take all there is. */
static void raise_limit(int which, rlim_t to, const char *what)
{
	struct rlimit limit = {to, to};

	if (setrlimit(which, &limit) == 0)
		return;
	getrlimit(which, &limit);
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(which, &limit) < 0)
		console_line("init: can't raise the limit of %s: %s", what, strerror(errno));
}

void setup_system(void)
{
	/* In a container these are the machine's, or the container manager has set them. */
	if (!machine_is_contained()) {
		set_clock();
		entropy_hardware();
		set_sysctls();
		host_name();
	}
	loopback_up();
	raise_limit(RLIMIT_NOFILE, OPEN_FILES_MAX, "open files");
	/*
	 * This one counts per user, so all containers together; each has a limit by its control
	 * group instead.
	 */
	raise_limit(RLIMIT_NPROC, RLIM_INFINITY, "processes");
}
