/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OVA (DMTF, DSP0243 1.1.0: OVF): a tar of a descriptor, a manifest of digests, and the disk, in
 * that order. All three are named in the first two with sizes and digests, so the disk goes to an
 * unnamed file first.
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "contract/outputs.h"
#include "hash/sha256.h"
#include "output/write.h"
#include "tar/ustar.h"

enum { NAME_MAX_OVA = 80, TEXT_MAX = 16 << 10 };

struct ova {
	char name[NAME_MAX_OVA + 1]; /* of the machine */
	int fd;                      /* the disk's file */
	uint64_t file_size, disk_size;
	char sha256[SHA256_HEX + 1];
};

static void ova_cleanup(struct ova *a)
{
	fd_cleanup(&a->fd);
}

/* The name is in file names, XML and the manifest: what may mean something there is left out. */
static void set_name(struct ova *a, const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789.-_";
	const char *base = name ? strrchr(name, '/') : NULL;
	size_t n = 0;

	base = base ? base + 1 : name;
	for (const char *c = base ? base : ""; *c && n < NAME_MAX_OVA; c++)
		a->name[n++] = *c;
	for (size_t i = 0; i < n; i++)
		if (!strchr(letters, a->name[i]) || (i == 0 && a->name[i] == '.'))
			a->name[i] = '_';
	if (n == 0)
		str_copy(a->name, sizeof(a->name), "linux");
}

/* ---- the descriptor ---- */

#define XML_HEAD                                                          \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                    \
	"<Envelope ovf:version=\"1.0\" xml:lang=\"en-US\" "               \
	"xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\" "               \
	"xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/1\" "           \
	"xmlns:rasd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/" \
	"CIM_ResourceAllocationSettingData\" "                            \
	"xmlns:vssd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/" \
	"CIM_VirtualSystemSettingData\" "                                 \
	"xmlns:vmw=\"http://www.vmware.com/schema/ovf\">\n"
#define STREAM "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"

/* An Item of the hardware; its elements are in the order of the alphabet, as the schema asks. */
struct item {
	const char *units, *automatic, *connection, *name, *resource, *parent, *subtype;
	unsigned address, type, quantity; /* an address counts when there is a parent */
};

static void put_element(struct buf *b, const char *name, const char *text)
{
	if (text)
		buf_printf(b, "        <rasd:%s>%s</rasd:%s>\n", name, text, name);
}

static void put_number(struct buf *b, const char *name, unsigned n)
{
	char text[16];

	str_format(text, sizeof(text), "%u", n);
	put_element(b, name, text);
}

static void put_item(struct buf *b, unsigned id, const struct item *i)
{
	buf_puts(b, "      <Item>\n");
	if (i->parent)
		put_number(b, "AddressOnParent", i->address);
	put_element(b, "AllocationUnits", i->units);
	put_element(b, "AutomaticAllocation", i->automatic);
	put_element(b, "Connection", i->connection);
	put_element(b, "ElementName", i->name);
	put_element(b, "HostResource", i->resource);
	put_number(b, "InstanceID", id);
	put_element(b, "Parent", i->parent);
	put_element(b, "ResourceSubType", i->subtype);
	put_number(b, "ResourceType", i->type);
	if (i->quantity)
		put_number(b, "VirtualQuantity", i->quantity);
	buf_puts(b, "      </Item>\n");
}

/*
 * VirtualBox and VMware both have this controller, and pkg/kernel a driver, which it has not for
 * SATA. It also has one for VMware's network card, and none for E1000; VirtualBox, which has no
 * VmxNet3, takes the card that is usual there. The types are those of
 * CIM_ResourceAllocationSettingData.
 */
static void put_hardware(struct buf *b, const char *name)
{
	static const struct item items[] = {
		{.name = "Processors", .units = "hertz * 10^6", .type = 3, .quantity = 1},
		{.name = "Memory",
			.units = "byte * 2^20",
			.type = 4,
			.quantity = OUTPUT_OVA_MEM_MIB},
		{.name = "IDE controller", .subtype = "PIIX4", .type = 5},
		{.name = "Disk", .resource = "ovf:/disk/disk1", .parent = "3", .type = 17},
		{.name = "Network card",
			.automatic = "true",
			.connection = "NAT",
			.subtype = "VmxNet3",
			.type = 10},
	};

	buf_printf(b,
		"    <VirtualHardwareSection>\n      <Info>The machine</Info>\n      <System>\n"
		"        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>\n"
		"        <vssd:InstanceID>0</vssd:InstanceID>\n"
		"        <vssd:VirtualSystemIdentifier>%s</vssd:VirtualSystemIdentifier>\n"
		"        <vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType>\n"
		"      </System>\n",
		name);
	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		put_item(b, (unsigned)i + 1, &items[i]);
	buf_puts(b, "      <vmw:Config ovf:required=\"false\" vmw:key=\"firmware\" "
		    "vmw:value=\"efi\"/>\n    </VirtualHardwareSection>\n");
}

static void make_descriptor(const struct ova *a, struct buf *b)
{
	buf_printf(b,
		XML_HEAD "  <References>\n"
			 "    <File ovf:href=\"%s.vmdk\" ovf:id=\"file1\" ovf:size=\"%" PRIu64
			 "\"/>\n  </References>\n",
		a->name, a->file_size);
	buf_printf(b,
		"  <DiskSection>\n    <Info>The disk</Info>\n"
		"    <Disk ovf:capacity=\"%" PRIu64 "\" ovf:diskId=\"disk1\" "
		"ovf:fileRef=\"file1\" ovf:format=\"" STREAM "\"/>\n  </DiskSection>\n",
		a->disk_size);
	buf_puts(b, "  <NetworkSection>\n    <Info>The network</Info>\n"
		    "    <Network ovf:name=\"NAT\">\n      <Description>NAT</Description>\n"
		    "    </Network>\n  </NetworkSection>\n");
	/* 101 is Linux of 64 bits in CIM_OperatingSystem. */
	buf_printf(b,
		"  <VirtualSystem ovf:id=\"%s\">\n    <Info>A machine</Info>\n"
		"    <Name>%s</Name>\n"
		"    <OperatingSystemSection ovf:id=\"101\" vmw:osType=\"other4xLinux64Guest\">\n"
		"      <Info>The operating system</Info>\n"
		"      <Description>Linux_64</Description>\n"
		"    </OperatingSystemSection>\n",
		a->name, a->name);
	put_hardware(b, a->name);
	buf_puts(b, "  </VirtualSystem>\n</Envelope>\n");
}

/* ---- the tar ---- */

static int write_header(
	const char *name, const char *end, uint64_t size, struct writer *to, struct werr **err)
{
	CLEANUP(free) char *whole = str_printf("%s%s", name, end);
	struct ustar h;
	char text[32];

	ustar_init(&h, '0', whole);
	ustar_put_octal(h.mtime, sizeof(h.mtime), BUILD_TIME);
	if (!ustar_put_octal(h.size, sizeof(h.size), size))
		return werr_set(err, WERR_LIMIT, "an OVA can't have %s%s of %s: at most 8 GiB",
			name, end, str_exact_size(text, size));
	ustar_seal(&h);
	return writer_write(to, &h, sizeof(h), err);
}

static int write_text(const struct ova *a, const char *end, const struct buf *text,
	struct writer *to, struct werr **err)
{
	int r = write_header(a->name, end, text->len, to, err);

	if (r == 0)
		r = writer_write(to, buf_str(text), text->len, err);
	return r < 0 ? r : writer_fill(to, 0, tar_padding(text->len), err);
}

static int write_tar(const struct ova *a, struct writer *to, struct werr **err)
{
	CLEANUP(buf) struct buf descriptor = BUF_INIT(TEXT_MAX);
	CLEANUP(buf) struct buf manifest = BUF_INIT(TEXT_MAX);
	CLEANUP(reader)
	struct reader *disk = fd_range_reader_new(a->fd, "the OVA's disk", 0, a->file_size);
	char hex[SHA256_HEX + 1];
	int r;

	make_descriptor(a, &descriptor);
	sha256_of(buf_str(&descriptor), descriptor.len, hex);
	buf_printf(&manifest, "SHA256(%s.ovf)= %s\nSHA256(%s.vmdk)= %s\n", a->name, hex, a->name,
		a->sha256);
	r = write_text(a, ".ovf", &descriptor, to, err);
	if (r == 0)
		r = write_text(a, ".mf", &manifest, to, err);
	if (r == 0)
		r = write_header(a->name, ".vmdk", a->file_size, to, err);
	if (r == 0)
		r = io_copy(disk, to, NULL, err);
	return r < 0 ? r : writer_fill(to, 0, tar_padding(a->file_size) + TAR_END, err);
}

static int make_disk(
	struct ova *a, const struct extents *d, const struct disk_options *o, struct werr **err)
{
	CLEANUP(sha256) struct sha256 *hash = sha256_new();
	CLEANUP(writer) struct writer *file = NULL;
	CLEANUP(writer) struct writer *hasher = NULL;
	CLEANUP(writer) struct writer *counter = NULL;
	int r = file_open_unnamed(file_temp_parent(), &a->fd, err);

	if (r < 0)
		return r;
	file = fd_writer_new(a->fd, FD_LENT, "the OVA's disk");
	hasher = sha256_writer_new(file, hash);
	counter = count_writer_new(hasher, &a->file_size);
	r = disk_stream_vmdk.write(d, o, counter, err);
	sha256_hex(hash, a->sha256);
	return r;
}

static int write_ova(
	const struct extents *d, const struct disk_options *o, struct writer *to, struct werr **err)
{
	uint64_t unit = disk_stream_vmdk.unit;
	CLEANUP(ova)
	struct ova a = {.fd = -1, .disk_size = d->size / unit * unit + (d->size % unit ? unit : 0)};
	int r;

	set_name(&a, o->name);
	r = make_disk(&a, d, o, err);
	return r < 0 ? r : write_tar(&a, to, err);
}

const struct disk_format output_disk_ova = {.name = "ova", .unit = 64 << 10, .write = write_ova};
