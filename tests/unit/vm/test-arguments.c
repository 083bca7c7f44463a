/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "vm/publish.h"
#include "vm/qemu.h"

static const struct qemu_spec plain = {
	.arch = "amd64",
	.accel = QEMU_ACCEL_TCG,
	.kernel = "os-kernel",
	.initrd = "os-initrd.img",
	.cmdline = "console=ttyS0 x=a,b",
	.mem_mib = 256,
	.cpus = 2,
};

static const struct vm_firmware secure = {
	.kind = VM_FIRMWARE_SECURE, .handover = VM_HANDOVER_SMM, .machine = "smm=on"};
static const struct vm_firmware uefi = {.handover = VM_HANDOVER_PFLASH};
static const struct vm_firmware boot_by_bios = {
	.kind = VM_FIRMWARE_U_BOOT, .handover = VM_HANDOVER_BIOS};
static const struct vm_firmware boot_by_kernel = {
	.kind = VM_FIRMWARE_U_BOOT, .handover = VM_HANDOVER_KERNEL};
static char code[] = "CODE.fd", variables[] = "VARS.fd";
static const struct vm_firmware_found ovmf = {&secure, code, variables};
static const struct vm_firmware_found aavmf = {&uefi, code, variables};

static char *line_of(const struct qemu_spec *spec)
{
	CLEANUP(strv) struct strv v = {0};
	CLEANUP(werr) struct werr *err = NULL;

	assert_ok(qemu_arguments(spec, &v, &err), err);
	return strv_join(&v, "|");
}

static int publish(const char *what, char **ret, struct werr **err)
{
	CLEANUP(strv) struct strv v = {0};
	struct qemu_spec spec = plain;
	int r;

	spec.network = true;
	strv_add(&spec.publish, what);
	r = qemu_arguments(&spec, &v, err);
	strv_clear(&spec.publish);
	if (r == 0)
		*ret = strv_join(&v, "|");
	return r;
}

static void test_the_whole_line(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *line = line_of(&plain);

	assert_string_equal(line,
		"qemu-system-x86_64|-nodefaults|-no-user-config|-display|none|-M|q35|-accel|tcg|"
		"-cpu|max,-erms,-fsrm|-m|256|-smp|2|-serial|stdio|-device|virtio-rng-pci|-kernel|"
		"os-kernel|"
		"-initrd|os-initrd.img|-append|no_timer_check console=ttyS0 x=a,b");
}

static void test_from_the_network(ATTR_UNUSED void **state)
{
	struct qemu_spec spec = {.arch = "amd64",
		.accel = QEMU_ACCEL_TCG,
		.netboot = "a,b-pxe",
		.network = QEMU_NETWORK_USER,
		.mem_mib = 256,
		.cpus = 1};
	CLEANUP(strv) struct strv v = {0};
	CLEANUP(free) char *line = line_of(&spec);
	struct werr *err = NULL;

	assert_non_null(strstr(line, "|-netdev|user,id=net0,tftp=a,,b-pxe,bootfile=boot.ipxe|"
				     "-device|virtio-net-pci,netdev=net0,bootindex=0"));
	assert_null(strstr(line, "romfile="));
	spec.network = QEMU_NETWORK_NONE;
	assert_int_equal(qemu_arguments(&spec, &v, &err), werr_code(WERR_USAGE));
	werr_free(STEAL(err));
	spec.network = QEMU_NETWORK_USER;
	spec.firmware = &ovmf;
	assert_int_equal(qemu_arguments(&spec, &v, &err), werr_code(WERR_UNSUPPORTED));
	werr_free(STEAL(err));
	spec.firmware = NULL;
	spec.arch = "arm64";
	assert_int_equal(qemu_arguments(&spec, &v, &err), werr_code(WERR_UNSUPPORTED));
	werr_free(err);
}

/*
 * At the beginning, as what follows " -- " is for init: no check of the timer, only in emulation
 * and on a PC; and the serial port, unless it is named, or Linux finds it when no console is named.
 */
static void test_what_a_command_line_begins_with(ATTR_UNUSED void **state)
{
	static const struct {
		const char *arch, *cmdline, *end;
		enum qemu_accel accel;
	} cases[] = {
		{"amd64", "console=ttyS0 -- x", "|-append|no_timer_check console=ttyS0 -- x",
			QEMU_ACCEL_TCG},
		{"amd64", "", "|-append|no_timer_check console=ttyS0", QEMU_ACCEL_AUTO},
		{"amd64", "quiet", "|-append|console=ttyS0 quiet", QEMU_ACCEL_KVM},
		{"amd64", "console=tty0 console=ttyS0,115200",
			"|-append|console=tty0 console=ttyS0,115200", QEMU_ACCEL_KVM},
		{"amd64", "console=ttyS01", "|-append|console=ttyS0 console=ttyS01",
			QEMU_ACCEL_KVM},
		{"amd64", "xconsole=ttyS0", "|-append|console=ttyS0 xconsole=ttyS0",
			QEMU_ACCEL_KVM},
		{"arm64", "quiet", "|-append|quiet", QEMU_ACCEL_TCG},
		{"arm64", "console=ttyS0", "|-append|console=ttyAMA0 console=ttyS0",
			QEMU_ACCEL_TCG},
		{"arm64", "console=ttyAMA0", "|-append|console=ttyAMA0", QEMU_ACCEL_KVM},
		{"riscv64", "console=tty0", "|-append|console=ttyS0 console=tty0", QEMU_ACCEL_TCG},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(free) char *line = NULL;
		struct qemu_spec spec = plain;

		spec.arch = cases[i].arch;
		spec.cmdline = cases[i].cmdline;
		spec.accel = cases[i].accel;
		line = line_of(&spec);
		assert_true(str_ends_with(line, cases[i].end));
	}
}

static void test_arm64_and_kvm(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *tcg = NULL;
	CLEANUP(free) char *kvm = NULL;
	struct qemu_spec spec = plain;

	spec.arch = "arm64";
	tcg = line_of(&spec);
	assert_non_null(strstr(tcg, "qemu-system-aarch64|"));
	assert_non_null(strstr(tcg, "|-M|virt,gic-version=max|-accel|tcg|-cpu|cortex-a57|"));
	/* It has a power key, as kernels have no driver for its power button. */
	assert_non_null(strstr(tcg, "|-device|virtio-keyboard-pci|"));
	spec.accel = QEMU_ACCEL_KVM;
	kvm = line_of(&spec);
	assert_non_null(strstr(kvm, "|-accel|kvm|-cpu|host|"));
}

static void test_terminal_control_reboot(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *line = NULL;
	struct qemu_spec spec = plain;

	spec.terminal = spec.no_reboot = true;
	spec.control = "/tmp/a,b";
	spec.program = "my-qemu";
	line = line_of(&spec);
	assert_int_equal(strncmp(line, "my-qemu|", 8), 0);
	assert_non_null(strstr(line, "|-serial|mon:stdio|"));
	assert_non_null(strstr(line, "|-no-reboot|"));
	assert_non_null(strstr(line, "|-qmp|unix:/tmp/a,,b,server=on,wait=off|"));
}

static void test_disks(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *line = NULL;
	struct qemu_spec spec = plain;
	char one[] = "a,b.img", two[] = "nbd:x", format[] = "qcow2";
	struct qemu_disk disks[] = {{.path = one}, {.path = two, .format = format}};

	spec.disks = disks;
	spec.n_disks = 2;
	line = line_of(&spec);
	assert_non_null(strstr(line,
		"|-drive|if=none,id=disk0,format=raw,file=a,,b.img|-device|virtio-blk-pci,"
		"drive=disk0|"
		"-drive|if=none,id=disk1,format=qcow2,file=./nbd:x|-device|virtio-blk-pci,"
		"drive=disk1|"));
}

static void test_publish(ATTR_UNUSED void **state)
{
	static const struct {
		const char *what, *forward;
	} good[] = {
		{"8080:80", "hostfwd=tcp:127.0.0.1:8080-:80|"},
		{"8080:80/udp", "hostfwd=udp:127.0.0.1:8080-:80|"},
		{"0.0.0.0:53:53/tcp", "hostfwd=tcp:0.0.0.0:53-:53|"},
		{"8000-8002:80-82",
			"|-netdev|user,id=net0,hostfwd=tcp:127.0.0.1:8000-:80,"
			"hostfwd=tcp:127.0.0.1:8001-:81,hostfwd=tcp:127.0.0.1:8002-:82|"},
		{"1.2.3.4:53-53:1-1/udp", "hostfwd=udp:1.2.3.4:53-:1|"},
		{"1-1024:64512-65535", "hostfwd=tcp:127.0.0.1:1024-:65535|"},
	};
	static const char *const bad[] = {"80", "80:", ":80", "0:80", "80:65536", "80:80/sctp",
		"a:80:80", "1.2.3.4:1:2:3", "80:80,hostfwd=tcp::1-:1", "-1:80", "", "1-2:1",
		"1:1-2", "2-1:2-1", "65535-65536:1-2", "1-2-3:1-2-3", "1-:1-", "0-1:0-1",
		"1.2.3:1:2", "1.2.3.4.5:1:2", "[::1]", "[::1]:1", "[::1:1:2", "[::1]1:2",
		"[1.2.3.4]:1:2", "[::g]:1:2", "[::1%lo]:1:2", "::1:1:2", "[]:1:2"};
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		CLEANUP(free) char *line = NULL;

		assert_ok(publish(good[i].what, &line, &err), err);
		assert_non_null(strstr(line, good[i].forward));
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char *line = NULL;

		assert_fails(
			publish(bad[i], &line, &err), err, WERR_USAGE, "not a port to publish");
	}
}

static void test_publish_on_ipv6(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;
	struct vm_publish p;
	char *line = NULL;

	assert_ok(vm_publish_parse("[fe80::1]:8000-8001:80-81", &p, &err), err);
	assert_true(p.v6 && !p.udp);
	assert_string_equal(p.address, "fe80::1");
	assert_int_equal(p.host, 8000);
	assert_int_equal(p.guest, 80);
	assert_int_equal(p.count, 2);
	assert_fails(
		vm_publish_parse("[::1]:53:53/udp", &p, &err), err, WERR_USAGE, "UDP can't be");
	assert_fails(
		publish("[::1]:80:80", &line, &err), err, WERR_UNSUPPORTED, "QEMU can't listen");
	assert_fails(publish("1-1025:1-1025", &line, &err), err, WERR_LIMIT, "1024 are possible");
}

static void test_what_can_not_be(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv v = {0};
	struct qemu_spec spec = plain;
	struct werr *err = NULL;

	spec.arch = "s390x";
	assert_fails(qemu_arguments(&spec, &v, &err), err, WERR_USAGE, "'s390x'");
	spec = plain;
	spec.cpus = 0;
	assert_fails(qemu_arguments(&spec, &v, &err), err, WERR_USAGE, "at least one CPU");
	spec = plain;
	strv_add(&spec.publish, "80:80");
	assert_fails(qemu_arguments(&spec, &v, &err), err, WERR_USAGE, "without a network");
	strv_clear(&spec.publish);
}

static void test_secure_boot_and_a_tpm(ATTR_UNUSED void **state)
{
	struct qemu_spec spec = plain;
	CLEANUP(free) char *pc = NULL;
	CLEANUP(free) char *arm = NULL;

	spec.firmware = &ovmf;
	spec.tpm = true;
	spec.share_dir = "os,state";
	pc = line_of(&spec);
	assert_non_null(strstr(pc, "|-M|q35,smm=on|"));
	assert_non_null(strstr(pc, "|-global|driver=cfi.pflash01,property=secure,value=on|"));
	assert_non_null(strstr(pc, "|-chardev|socket,id=tpm,path=os,,state/tpm.sock|-tpmdev|"
				   "emulator,id=tpm0,chardev=tpm|-device|tpm-crb,tpmdev=tpm0|"));
	spec.arch = "arm64";
	spec.firmware = &aavmf;
	arm = line_of(&spec);
	assert_non_null(strstr(arm, "|-device|tpm-tis-device,tpmdev=tpm0"));
	assert_null(strstr(arm, "smm"));
	assert_null(strstr(arm, "-global"));
}

/* It has no driver for the controller of CDs, and is where a kernel would be. */
static void test_u_boot(ATTR_UNUSED void **state)
{
	const struct vm_firmware_found arm = {&boot_by_bios, code, NULL};
	const struct vm_firmware_found riscv = {&boot_by_kernel, code, NULL};
	struct qemu_spec spec = {.arch = "arm64",
		.boot_cd = "os.iso",
		.data = "data.iso",
		.firmware = &arm,
		.mem_mib = 256,
		.cpus = 1};
	CLEANUP(strv) struct strv v = {0};
	CLEANUP(free) char *cd = line_of(&spec);
	CLEANUP(free) char *disk = NULL;
	struct werr *err = NULL;

	assert_non_null(strstr(cd, "|if=none,id=cd0,format=raw,readonly=on,file=os.iso|"
				   "-device|virtio-blk-pci,drive=cd0,bootindex=0|"));
	assert_non_null(strstr(cd, "|scsi-cd,bus=scsi0.0,scsi-id=0,drive=data|-bios|CODE.fd"));
	spec.arch = "riscv64";
	spec.firmware = &riscv;
	disk = line_of(&spec);
	assert_non_null(strstr(disk, "|-kernel|CODE.fd"));
	assert_null(strstr(disk, "-append"));
	spec.kernel = "os-kernel";
	assert_fails(qemu_arguments(&spec, &v, &err), err, WERR_UNSUPPORTED, "U-Boot starts no");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_whole_line),
		cmocka_unit_test(test_from_the_network),
		cmocka_unit_test(test_what_a_command_line_begins_with),
		cmocka_unit_test(test_arm64_and_kvm),
		cmocka_unit_test(test_terminal_control_reboot),
		cmocka_unit_test(test_disks),
		cmocka_unit_test(test_publish),
		cmocka_unit_test(test_publish_on_ipv6),
		cmocka_unit_test(test_what_can_not_be),
		cmocka_unit_test(test_secure_boot_and_a_tpm),
		cmocka_unit_test(test_u_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
