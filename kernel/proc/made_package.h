/*
 * Code packages made of files at run time.
 */
#ifndef KERNEL_PROC_MADE_PACKAGE_H
#define KERNEL_PROC_MADE_PACKAGE_H

struct inode;
struct package;

/*
 * The package of the program in a regular file, which is called as the path ends, with a reference
 * for the caller. 0, -ENOEXEC if it is no program that was linked to lie at CASTLE_DATA_BASE, or
 * -ENOMEM. Caller holds inode.
 */
int made_package_create(struct inode *inode, const char *path, const struct package **package);

#endif
