/* SPDX-License-Identifier: Apache-2.0 */
/* What holds of every row, so that a new one is right when this passes. */
#include "check.h"

#include <string.h>

#include "arch/arch.h"
#include "base/str.h"

static void test_names_are_found(ATTR_UNUSED void **state)
{
	const char *variant = NULL;

	for (const struct arch *a = arch_table; a->name; a++) {
		assert_ptr_equal(arch_find(a->name), a);
		assert_null(arch_find_alias(a->name, &variant));
		assert_ptr_equal(arch_find_any(a->name), a);
		for (size_t i = 0; i < ARCH_ALIASES && a->aliases[i].name; i++) {
			assert_null(arch_find(a->aliases[i].name));
			assert_ptr_equal(arch_find_alias(a->aliases[i].name, &variant), a);
			assert_ptr_equal(arch_find_any(a->aliases[i].name), a);
			assert_string_equal(
				variant, a->aliases[i].variant ? a->aliases[i].variant : "");
		}
	}
	for (const struct arch *a = arch_table; a->name; a++)
		if (a->efi.name)
			assert_ptr_equal(arch_find_efi(a->efi.machine), a);
	assert_null(arch_find_efi(0));
	assert_string_equal(arch_find_bios()->name, "amd64");
	assert_null(arch_find("vax"));
	assert_null(arch_find_any("vax"));
	assert_null(arch_find(""));
	assert_null(arch_find_alias("vax", &variant));
}

/* What belongs together is set together. */
static void test_rows_are_whole(ATTR_UNUSED void **state)
{
	for (const struct arch *a = arch_table; a->name; a++) {
		const struct arch_qemu *q = &a->qemu;

		assert_int_equal(!a->debian, !a->triplet);
		assert_int_equal(!a->debian, !a->debian_kernel);
		assert_int_equal(!a->debian, !a->elf_machine);
		assert_int_equal(!q->program, !q->package);
		assert_int_equal(!q->program, !q->machine);
		assert_int_equal(!q->program, !q->cpu);
		assert_int_equal(!q->program, !q->cmdline);
		/* Which machine to run is read off the kernel. */
		assert_int_equal(!q->program, !a->kernel.magic_size);
		assert_true(a->kernel.magic_size <= ARCH_MAGIC);
		assert_null(a->seccomp[ARCH_SECCOMP]);
	}
}

/* Debian's compilers and its directories have different names on i386 alone. */
static void test_multiarch(ATTR_UNUSED void **state)
{
	for (const struct arch *a = arch_table; a->name; a++)
		if (a->debian && !str_eq(a->name, "386"))
			assert_string_equal(arch_multiarch(a), a->triplet);
	assert_string_equal(arch_find("386")->triplet, "i686-linux-gnu");
	assert_string_equal(arch_multiarch(arch_find("386")), "i386-linux-gnu");
	assert_null(arch_multiarch(arch_find("loong64")));
}

/* No two architectures have a type of root in common; sfdisk has the same ones. */
static void test_types_of_roots(ATTR_UNUSED void **state)
{
	static const unsigned char amd64[ARCH_GUID] = {0x4f, 0x68, 0xbc, 0xe3, 0xe8, 0xcd, 0x4d,
		0xb1, 0x96, 0xe7, 0xfb, 0xca, 0xf9, 0x84, 0xb7, 0x09};

	assert_memory_equal(arch_find("amd64")->root_type, amd64, ARCH_GUID);
	for (const struct arch *a = arch_table; a->name; a++)
		for (const struct arch *b = a + 1; b->name; b++)
			assert_true(memcmp(a->root_type, b->root_type, ARCH_GUID) != 0 ||
				    a->root_type[0] == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_found),
		cmocka_unit_test(test_rows_are_whole),
		cmocka_unit_test(test_multiarch),
		cmocka_unit_test(test_types_of_roots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
