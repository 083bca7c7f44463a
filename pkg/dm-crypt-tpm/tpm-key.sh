#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The key of an encrypted device, sealed by the machine's TPM 2.0, for the program crypto:
#   tpm-key seal PCRS KEY TOKEN     makes the token, JSON as LUKS2 has it, of the key
#   tpm-key unseal TOKEN KEY        and the other way, when the PCRs have the values that they had
set -eu
export TPM2TOOLS_TCTI=device:/dev/tpmrm0
umask 077

# A text of the token; json-c writes / as \/.
field() {
	sed -n "s|.*\"$1\" *: *\"\\([^\"]*\\)\".*|\\1|p" "$token" | tr -d '\\'
}

seal() {
	tpm2_createpolicy -Q --policy-pcr -l "sha256:$pcrs" -L policy
	tpm2_create -Q -C primary -L policy -i "$key" -u public -r private
	printf '{"type":"wherry-tpm2","keyslots":["0"],"pcrs":"%s","public":"%s","private":"%s"}\n' \
		"$pcrs" "$(base64 -w 0 <public)" "$(base64 -w 0 <private)" >"$token"
}

unseal() {
	case $(field type) in wherry-tpm2) ;; *) echo "tpm-key: the header has no key of a TPM" >&2; exit 1 ;; esac
	pcrs=$(field pcrs)
	case $pcrs in *[!0-9,]* | '') echo "tpm-key: the header's PCRs are wrong" >&2; exit 1 ;; esac
	field public | base64 -d >public
	field private | base64 -d >private
	tpm2_load -Q -C primary -u public -r private -c sealed
	tpm2_unseal -Q -c sealed -p "pcr:sha256:$pcrs" -o "$key"
}

case $1 in
seal) pcrs=$2 key=$3 token=$4 ;;
unseal) token=$2 key=$3 ;;
esac
for _ in 1 2 3 4 5 6 7 8 9 10; do
	test -e /dev/tpmrm0 && break
	sleep 0.5
done
test -e /dev/tpmrm0 || { echo "tpm-key: there is no /dev/tpmrm0" >&2; exit 1; }
dir=$(mktemp -d /run/crypto/tpm.XXXXXX)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
# The same each time: it is made of a secret that the TPM keeps.
tpm2_createprimary -Q -C o -G ecc -c primary
"$1"
