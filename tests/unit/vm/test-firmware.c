/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "vm/firmware.h"

static const enum vm_firmware_kind all[] = {
	VM_FIRMWARE_UEFI, VM_FIRMWARE_SECURE, VM_FIRMWARE_U_BOOT};

static int set_up(void **state)
{
	static char dir[] = "/tmp/wherry-firmware-XXXXXX";

	*state = mkdtemp(dir);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	return file_remove_all(*state, NULL);
}

static char *put(const char *dir, const char *name)
{
	char *path = str_printf("%s/%s", dir, name);
	struct werr *err = NULL;

	assert_ok(file_write_atomic(path, 0600, "x", 1, &err), err);
	return path;
}

/* What is installed here differs; what it is called when it is missing does not. */
static void test_each_is_there_or_has_a_package(ATTR_UNUSED void **state)
{
	static const char *const arches[] = {"amd64", "arm64", "riscv64"};

	for (size_t i = 0; i < ARRAY_SIZE(arches); i++) {
		CLEANUP(vm_firmware_found) struct vm_firmware_found found = {0};
		CLEANUP(werr) struct werr *err = NULL;

		assert_non_null(arch_find(arches[i])->qemu.program);
		if (vm_firmware_find(arches[i], NULL, all, 1, &found, &err) == 0) {
			assert_int_equal(found.row->kind, VM_FIRMWARE_UEFI);
			assert_non_null(found.variables);
		} else {
			assert_int_equal(err->kind, WERR_NOT_FOUND);
			assert_non_null(strstr(err->hint, "apt-get install "));
		}
	}
}

static void test_what_there_is_not(ATTR_UNUSED void **state)
{
	CLEANUP(vm_firmware_found) struct vm_firmware_found found = {0};
	struct werr *err = NULL;

	assert_fails(vm_firmware_find("riscv64", NULL, &all[1], 1, &found, &err), err,
		WERR_UNSUPPORTED, "no UEFI firmware with Secure Boot for riscv64 is known");
	assert_fails(vm_firmware_find("amd64", NULL, &all[2], 1, &found, &err), err,
		WERR_UNSUPPORTED, "no U-Boot for amd64");
	assert_fails(vm_firmware_find("amd64", "/nowhere", all, 1, &found, &err), err,
		WERR_NOT_FOUND, "there is no firmware /nowhere");
	assert_null(found.row);
}

static void test_a_file_of_the_users(void **state)
{
	CLEANUP(vm_firmware_found) struct vm_firmware_found found = {0};
	CLEANUP(free) char *code = put(*state, "MY_CODE.fd");
	CLEANUP(free) char *alone = put(*state, "whole.fd");
	CLEANUP(free) char *variables = put(*state, "MY_VARS.fd");
	struct werr *err = NULL;

	assert_ok(vm_firmware_find("amd64", code, all, 1, &found, &err), err);
	assert_int_equal(found.row->handover, VM_HANDOVER_PFLASH);
	assert_string_equal(found.variables, variables);
	vm_firmware_found_cleanup(&found);
	assert_ok(vm_firmware_find("amd64", code, &all[1], 1, &found, &err), err);
	assert_int_equal(found.row->handover, VM_HANDOVER_SMM);
	vm_firmware_found_cleanup(&found);
	assert_ok(vm_firmware_find("amd64", alone, all, 1, &found, &err), err);
	assert_int_equal(found.row->handover, VM_HANDOVER_BIOS);
	assert_null(found.variables);
	vm_firmware_found_cleanup(&found);
	/* What U-Boot is on riscv64 follows what QEMU has as -bios. */
	assert_ok(vm_firmware_find("riscv64", alone, &all[2], 1, &found, &err), err);
	assert_int_equal(found.row->handover, VM_HANDOVER_KERNEL);
	assert_null(found.variables);
	vm_firmware_found_cleanup(&found);
	/* An architecture without a row of its own. */
	assert_ok(vm_firmware_find("s390x", code, all, 1, &found, &err), err);
	assert_int_equal(found.row->handover, VM_HANDOVER_PFLASH);
}

/* One that is known is handed over as its row says, whatever is wished. */
static void test_a_file_that_is_known(ATTR_UNUSED void **state)
{
	static const char u_boot[] = "/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin";
	CLEANUP(vm_firmware_found) struct vm_firmware_found found = {0};
	struct werr *err = NULL;

	if (access(u_boot, R_OK) < 0)
		skip();
	assert_ok(vm_firmware_find("riscv64", u_boot, all, 1, &found, &err), err);
	assert_int_equal(found.row->kind, VM_FIRMWARE_U_BOOT);
	assert_int_equal(found.row->handover, VM_HANDOVER_KERNEL);
}

/* Debian's variables for Secure Boot are not called as the file with the code is. */
static void test_variables_that_are_known(ATTR_UNUSED void **state)
{
	static const char code[] = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd";

	if (access(code, R_OK) < 0)
		skip();
	for (size_t i = 0; i < 2; i++) {
		CLEANUP(vm_firmware_found) struct vm_firmware_found found = {0};
		struct werr *err = NULL;

		assert_ok(vm_firmware_find("amd64", code, &all[i], 1, &found, &err), err);
		assert_int_equal(found.row->handover, VM_HANDOVER_SMM);
		assert_string_equal(found.variables, "/usr/share/OVMF/OVMF_VARS_4M.fd");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_is_there_or_has_a_package),
		cmocka_unit_test(test_what_there_is_not),
		cmocka_unit_test_setup_teardown(test_a_file_of_the_users, set_up, tear_down),
		cmocka_unit_test(test_a_file_that_is_known),
		cmocka_unit_test(test_variables_that_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
