/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the supervisor's socket: clients are root, but may be in a container. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "client/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(request) struct request *r = NULL;
	CLEANUP(free) char *line = NULL;

	if (size <= REQUEST_MAX && request_parse((const char *)data, size, &r, NULL) == 0)
		line = request_format(r);
	return 0;
}
