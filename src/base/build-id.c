/* SPDX-License-Identifier: Apache-2.0 */
#include "base/build-id.h"

#include <errno.h>
#include <link.h>
#include <string.h>

struct found {
	const void *id;
	size_t size;
};

static size_t aligned(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/* Notes: a header, the name and the description, each padded to 4 bytes (ELF specification, "Note
 * Section"). */
static void look_in_notes(const char *p, size_t size, struct found *ret)
{
	while (size > sizeof(ElfW(Nhdr))) {
		ElfW(Nhdr) note;
		size_t whole;

		memcpy(&note, p, sizeof(note));
		whole = sizeof(note) + aligned(note.n_namesz) + aligned(note.n_descsz);
		if (whole > size)
			return;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof(ELF_NOTE_GNU) &&
			memcmp(p + sizeof(note), ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) == 0) {
			ret->id = p + sizeof(note) + aligned(note.n_namesz);
			ret->size = note.n_descsz;
		}
		p += whole;
		size -= whole;
	}
}

/* The first object is the program itself. */
static int visit(struct dl_phdr_info *info, size_t size, void *ctx)
{
	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];

		if (h->p_type == PT_NOTE)
			look_in_notes(
				(const char *)(info->dlpi_addr + h->p_vaddr), h->p_memsz, ctx);
	}
	return 1;
}

int program_build_id(const void **ret, size_t *size)
{
	struct found found = {0};

	dl_iterate_phdr(visit, &found);
	if (!found.id || found.size == 0)
		return -ENOENT;
	*ret = found.id;
	*size = found.size;
	return 0;
}
