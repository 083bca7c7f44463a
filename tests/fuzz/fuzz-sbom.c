/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arbitrary bytes as an attestation of an image: what is accepted gives a document that is valid
 * JSON, in each format.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sbom/sbom.h"
#include "data/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try(enum sbom_format format, const uint8_t *data, size_t size)
{
	static const char *const prefixes[] = {"", "containers/services/x/lower"};
	CLEANUP(sbom) struct sbom *sbom = NULL;
	CLEANUP(reader) struct reader *document = NULL;
	CLEANUP(document) struct document *parsed = NULL;
	CLEANUP(free) char *text = NULL;
	size_t n;

	if (sbom_new(&sbom, format, "/tmp", NULL) < 0)
		abort();
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (sbom_add_statement(sbom, "x", (const char *)data, size, prefixes[i], NULL) < 0)
			return;
	if (sbom_finish(sbom, &(struct sbom_header){0}, &document, NULL) < 0 ||
		reader_read_all(document, 64 << 20, &text, &n, NULL) < 0)
		abort();
	if (size < 1 << 16 && json_parse("x", text, n, &parsed, NULL) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try(SBOM_SPDX, data, size);
	try(SBOM_CYCLONEDX, data, size);
	return 0;
}
