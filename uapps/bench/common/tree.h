/*
 * A tree of small files for `find` to walk.
 */
#ifndef UAPPS_BENCH_COMMON_TREE_H
#define UAPPS_BENCH_COMMON_TREE_H

#define TREE_PATH "/tmp/bench-tree"

/* Files in it, the directories and its top counted. */
#define TREE_DIRECTORIES 100
#define TREE_FILES_EACH  40
#define TREE_FILES       (1 + TREE_DIRECTORIES * (1 + TREE_FILES_EACH))

void tree_make(void);
void tree_remove(void);

#endif
