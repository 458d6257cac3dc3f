/*
 * The header of a member of a ustar archive (POSIX.1-2017, pax, "ustar Interchange Format"):
 * numbers are octal digits, strings end with a NUL unless they fill their field.
 */
#ifndef CASTLE_USTAR_H
#define CASTLE_USTAR_H

#define CASTLE_USTAR_BLOCK 512u /* headers and content come in blocks */

struct castle_ustar_header {
	char name[100];
	char mode[8], uid[8], gid[8];
	char size[12];
	char modified[12];
	char checksum[8]; /* the sum of all bytes, its own counted as blanks */
	char type;
	char link_name[100];
	char magic[6];
	char version[2];
	char user[32], group[32];
	char device_major[8], device_minor[8];
	char prefix[155];
	char padding[12];
};

_Static_assert(sizeof(struct castle_ustar_header) == CASTLE_USTAR_BLOCK, "ustar's layout");

#endif
