/* SPDX-License-Identifier: Apache-2.0 */
/* vsock CID PORT: connects, sends its standard input to the end, and writes what comes back. */
#include <linux/vm_sockets.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* False at the end of what there is to read. */
static int copy(int from, int to)
{
	char bytes[4096];
	ssize_t n = read(from, bytes, sizeof(bytes));

	return n > 0 && write(to, bytes, (size_t)n) == n;
}

int main(int argc, char **argv)
{
	struct sockaddr_vm address = {.svm_family = AF_VSOCK};
	struct pollfd ends[2] = {{.fd = 0, .events = POLLIN}, {.events = POLLIN}};

	if (argc != 3)
		return 2;
	address.svm_cid = (unsigned int)strtoul(argv[1], NULL, 0);
	address.svm_port = (unsigned int)strtoul(argv[2], NULL, 0);
	ends[1].fd = socket(AF_VSOCK, SOCK_STREAM, 0);
	if (ends[1].fd < 0 ||
		connect(ends[1].fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		perror("vsock");
		return 1;
	}
	while (poll(ends, 2, -1) > 0) {
		if (ends[1].revents && !copy(ends[1].fd, 1))
			return 0;
		if (ends[0].revents && !copy(0, ends[1].fd)) {
			shutdown(ends[1].fd, SHUT_WR);
			ends[0].fd = -1;
		}
	}
	return 1;
}
