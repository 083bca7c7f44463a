/* SPDX-License-Identifier: Apache-2.0 */
/* The head of an HTTP request, as anybody on the network sends it to `wherry serve`. */
#include <stdint.h>

#include "base/mem.h"
#include "base/str.h"
#include "serve/serve-request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *exact = mem_dup(data, size);
	struct serve_request r = {0};
	unsigned status = serve_request_parse(exact, size, &r);

	/* What is opened is a path inside, and only then. */
	if ((status == 200) != (r.path != NULL))
		abort();
	if (r.path && (r.path[0] == '/' || str_eq(r.path, "..") || str_after(r.path, "../") ||
			      strstr(r.path, "/../") || str_ends_with(r.path, "/..")))
		abort();
	(void)serve_head_complete(exact, size);
	serve_request_cleanup(&r);
	return 0;
}
