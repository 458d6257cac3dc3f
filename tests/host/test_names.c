/*
 * Names in the RAM file system against a model: random sequences of the calls that make, move and
 * remove names, with directories held open meanwhile. After each call every name must lead where
 * the model says, and every count of links must be what the names that there are add up to.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/fs/inode.h"
#include "kernel/fs/path.h"
#include "kernel/mem/page.h"
#include "kernel/mem/slab.h"
#include "tests/host/paths.h"
#include "tests/host/support.h"

#define PAGES      4096
#define NODES      40
#define NAMES      4 /* a directory of the model has room for the names "a" to "d" */
#define DEPTH      5
#define PATH_SIZE  64
#define STEPS      20000
#define HOLD_TRIES 8

/* ck_assert() reports each success, too, to the process that waits: here there are millions. */
#define MUST(condition) ((condition) ? (void)0 : ck_abort_msg("%s", #condition))

/* A file or a directory of the model. Node 0 is the root; nodes without names and not held are
 * free.
 */
struct node {
	bool used, is_directory;
	int parent; /* of a directory that has a name */
	int names;  /* how many lead here; the root counts as having one */
	int child[NAMES];
	uint32_t number;
	struct inode *held; /* with a reference of the test's; NULL: none */
};

static struct node nodes[NODES];
static int start; /* the node that paths start at: the root, or a directory that is held */

static int node_new(bool is_directory)
{
	for (int i = 1; i < NODES; i++)
		if (!nodes[i].used) {
			nodes[i] = (struct node){ .used = true, .is_directory = is_directory };
			memset(nodes[i].child, -1, sizeof nodes[i].child);
			return i;
		}
	return -1;
}

static void node_free_if_unused(int node)
{
	if (nodes[node].names == 0 && !nodes[node].held)
		nodes[node].used = false;
}

static bool node_is_empty(int node)
{
	for (int i = 0; i < NAMES; i++)
		if (nodes[node].child[i] >= 0)
			return false;
	return true;
}

static int subdirectories(int node)
{
	int count = 0;

	for (int i = 0; i < NAMES; i++)
		count += nodes[node].child[i] >= 0 && nodes[nodes[node].child[i]].is_directory;
	return count;
}

/* Where a path leads in the model: the directory of its last component, that name, and its node. */
struct place {
	int directory; /* -1: there is none */
	int name;      /* -1: ".", ".." or nothing */
	int node;      /* -1: nothing there */
	bool slash;
};

static int step(int directory, const char *component)
{
	if (nodes[directory].names == 0)
		return -1;
	if (component[0] != '.')
		return nodes[directory].child[component[0] - 'a'];
	return component[1] == '.' ? nodes[directory].parent : directory;
}

static struct place resolve(const char *path)
{
	struct place place = { .directory = path[0] == '/' ? 0 : start, .name = -1 };
	char copy[PATH_SIZE], *rest = copy, *component;

	strcpy(copy, path);
	place.node = place.directory;
	place.slash = path[strlen(path) - 1] == '/';
	while ((component = strtok_r(rest, "/", &rest))) {
		place.directory = place.node;
		if (place.directory < 0 || !nodes[place.directory].is_directory) {
			place.directory = place.node = -1;
			return place;
		}
		place.name = component[0] == '.' ? -1 : component[0] - 'a';
		place.node = step(place.directory, component);
	}
	if (place.slash && place.node >= 0 && !nodes[place.node].is_directory)
		place.node = place.directory = -1;
	return place;
}

/* True if a new name can be made there, for a directory or something else. */
static bool is_free(const struct place *place, bool is_directory)
{
	return place->directory >= 0 && place->name >= 0 && place->node < 0 &&
	       nodes[place->directory].names > 0 && (is_directory || !place->slash);
}

static void model_enter(const struct place *place, int node)
{
	nodes[place->directory].child[place->name] = node;
	nodes[node].names++;
	if (nodes[node].is_directory)
		nodes[node].parent = place->directory;
}

static void model_remove(const struct place *place)
{
	nodes[place->directory].child[place->name] = -1;
	nodes[place->node].names--;
	node_free_if_unused(place->node);
}

static bool is_below(int directory, int above)
{
	while (directory != above && directory != 0)
		directory = nodes[directory].parent;
	return directory == above;
}

/* What each call does to the model; false if it must fail. */
static bool model_mkdir(const struct place *place, int *node)
{
	if (!is_free(place, true))
		return false;
	*node = node_new(true);
	model_enter(place, *node);
	return true;
}

static bool model_create(const struct place *place, int *node)
{
	if (!is_free(place, false))
		return false;
	*node = node_new(false);
	model_enter(place, *node);
	return true;
}

static bool model_rmdir(const struct place *place)
{
	if (place->name < 0 || place->node < 0 || !nodes[place->node].is_directory ||
	    !node_is_empty(place->node))
		return false;
	model_remove(place);
	return true;
}

static bool model_unlink(const struct place *place)
{
	if (place->name < 0 || place->node < 0 || nodes[place->node].is_directory)
		return false;
	model_remove(place);
	return true;
}

static bool model_link(const struct place *old, const struct place *new)
{
	if (old->node < 0 || nodes[old->node].is_directory || !is_free(new, false))
		return false;
	model_enter(new, old->node);
	return true;
}

static bool rename_is_possible(const struct place *old, const struct place *new)
{
	if (old->node < 0 || old->name < 0 || new->directory < 0 || new->name < 0 ||
	    nodes[new->directory].names == 0)
		return false;
	if (!nodes[old->node].is_directory)
		return !new->slash && (new->node < 0 || !nodes[new->node].is_directory);
	if (is_below(new->directory, old->node))
		return false;
	return new->node < 0 || new->node == old->node ||
	       (nodes[new->node].is_directory && node_is_empty(new->node));
}

static bool model_rename(const struct place *old, const struct place *new)
{
	if (!rename_is_possible(old, new))
		return false;
	if (old->node == new->node)
		return true;
	if (new->node >= 0)
		model_remove(new);
	model_enter(new, old->node);
	model_remove(old);
	return true;
}

/* A random path: to somewhere in the model, to a free name, or astray; from the root or `start`. */
static void random_path(char path[PATH_SIZE])
{
	const int components = 1 + rand() % DEPTH;
	int at = rand() % 2 ? 0 : start, name;
	char *end = path;

	if (at == 0)
		*end++ = '/';
	for (int i = 0; i < components; i++) {
		name = rand() % NAMES;
		if (i > 0)
			*end++ = '/';
		if (rand() % 20 == 0)
			end += sprintf(end, rand() % 2 ? "." : "..");
		else
			*end++ = 'a' + name;
		/* Usually no deeper than where there is something. */
		if (at >= 0)
			at = nodes[at].is_directory ? nodes[at].child[name] : -1;
		if (at < 0 && rand() % 10)
			break;
	}
	if (rand() % 10 == 0)
		*end++ = '/';
	*end = '\0';
}

static void check_inode(int node, struct inode *inode)
{
	struct castle_stat stat;
	int links = nodes[node].names;

	inode_stat(inode, &stat);
	MUST(stat.inode == nodes[node].number);
	if (nodes[node].is_directory && links > 0)
		links = 2 + subdirectories(node);
	MUST(stat.links == (uint32_t)links);
}

static uint32_t number_of(struct inode *directory, const char *path)
{
	struct castle_stat stat;
	struct inode *inode;

	MUST(path_lookup(directory, path, &inode) == 0);
	inode_stat(inode, &stat);
	inode_release(inode);
	return stat.inode;
}

/* Everything at and below `node`, which is at `path`, is as the model has it. */
static void check_tree(int node, char *path)
{
	char *const end = path + strlen(path), real[PATH_SIZE];
	struct inode *inode, *none;

	MUST(path_lookup(inode_root(), *path ? path : "/", &inode) == 0);
	check_inode(node, inode);
	if (nodes[node].is_directory) {
		MUST(path_of_directory(inode, real, sizeof real) > 0);
		MUST(strcmp(real, *path ? path : "/") == 0);
		MUST(number_of(inode, "..") == nodes[nodes[node].parent].number);
		for (int i = 0; i < NAMES; i++) {
			sprintf(end, "/%c", 'a' + i);
			if (nodes[node].child[i] >= 0)
				check_tree(nodes[node].child[i], path);
			else
				MUST(path_lookup(inode_root(), path, &none) == -ENOENT);
			*end = '\0';
		}
	}
	inode_release(inode);
}

static void check_all(void)
{
	char path[2 * NODES + 1] = "";

	check_tree(0, path);
	for (int i = 0; i < NODES; i++)
		if (nodes[i].used && nodes[i].held)
			check_inode(i, nodes[i].held);
}

/* Holds or lets go of a random node; sometimes paths start there from now on. */
static void hold_something(void)
{
	char path[PATH_SIZE];
	struct inode *inode;
	int node;

	for (int i = 0; i < HOLD_TRIES; i++) {
		random_path(path);
		node = resolve(path).node;
		if (node < 0)
			continue;
		MUST(path_lookup(nodes[start].held, path, &inode) == 0);
		if (nodes[node].held)
			inode_release(inode);
		else
			nodes[node].held = inode;
		if (nodes[node].is_directory)
			start = node;
		return;
	}
}

static void let_go(int node)
{
	if (node == 0 || node == start || !nodes[node].used || !nodes[node].held)
		return;
	inode_release(nodes[node].held);
	nodes[node].held = NULL;
	node_free_if_unused(node);
}

static int file_create(struct inode *directory, const char *path)
{
	struct inode *inode;
	const int error = path_open(directory, path, CASTLE_O_RDWR | CASTLE_O_CREAT | CASTLE_O_EXCL,
				    0644, &inode);

	if (!error)
		inode_release(inode);
	return error;
}

/* One random call, in the kernel and in the model. */
static void random_call(void)
{
	char old[PATH_SIZE], new[PATH_SIZE];
	struct inode *from = nodes[start].held;
	struct place place, target;
	const int call = rand() % 7;
	int error = 0, made = -1;
	bool good = false;

	random_path(old);
	random_path(new);
	place = resolve(old);
	target = resolve(new);
	switch (call) {
	case 0:
		error = path_mkdir(from, old, 0755);
		good = model_mkdir(&place, &made);
		break;
	case 1:
		error = file_create(from, old);
		good = model_create(&place, &made);
		break;
	case 2:
		error = path_rmdir(from, old);
		good = model_rmdir(&place);
		break;
	case 3:
		error = path_unlink(from, old);
		good = model_unlink(&place);
		break;
	case 4:
		error = path_link(from, old, new);
		good = model_link(&place, &target);
		break;
	default:
		error = path_rename(from, old, new);
		good = model_rename(&place, &target);
	}
	if (good != (error == 0))
		ck_abort_msg("call %d of %s and %s: %d", call, old, new, error);
	if (made >= 0)
		nodes[made].number = number_of(from, old);
}

static int nodes_used(void)
{
	int count = 0;

	for (int i = 0; i < NODES; i++)
		count += nodes[i].used;
	return count;
}

/* Empties the directory at `path` of all that the model has there. */
static void empty(int node, char *path)
{
	char *const end = path + strlen(path);

	for (int i = 0; i < NAMES; i++) {
		const int child = nodes[node].child[i];

		if (child < 0)
			continue;
		sprintf(end, "/%c", 'a' + i);
		empty(child, path);
		MUST((nodes[child].is_directory ? path_rmdir(inode_root(), path)
						: path_unlink(inode_root(), path)) == 0);
		nodes[node].child[i] = -1;
		nodes[child].names--;
		node_free_if_unused(child);
		*end = '\0';
	}
}

static void model_start(void)
{
	struct castle_stat stat;

	memset(nodes, 0, sizeof nodes);
	nodes[0] = (struct node){ .used = true, .is_directory = true, .names = 1 };
	memset(nodes[0].child, -1, sizeof nodes[0].child);
	nodes[0].held = inode_root();
	inode_stat(inode_root(), &stat);
	nodes[0].number = stat.inode;
	start = 0;
}

static void everything_goes(void)
{
	char path[2 * NODES + 1] = "";

	start = 0;
	for (int i = 1; i < NODES; i++)
		let_go(i);
	check_all();
	empty(0, path);
	check_all();
	MUST(nodes_used() == 1);
}

START_TEST(names_agree_with_the_model)
{
	size_t pages;

	memory_start(PAGES);
	ck_assert_int_eq(inode_root_create(), 0);
	model_start();
	ck_assert_int_eq(path_mkdir(inode_root(), "/a", 0755), 0);
	ck_assert_int_eq(path_rmdir(inode_root(), "/a"), 0);
	slab_reclaim();
	pages = page_count_free();
	srand(_i);
	for (int i = 0; i < STEPS; i++) {
		if (nodes_used() > NODES - 2)
			everything_goes();
		if (rand() % 8 == 0)
			hold_something();
		if (rand() % 4 == 0)
			let_go(rand() % NODES);
		random_call();
		check_all();
	}
	everything_goes();
	memory_check_free(pages);
}
END_TEST

/* A directory that moves takes its count of links along, be it to a new name or over another. */
START_TEST(a_moved_directory_keeps_its_links)
{
	struct castle_stat stat;
	struct inode *inode;

	memory_start(PAGES);
	ck_assert_int_eq(inode_root_create(), 0);
	path_mkdir(inode_root(), "/d", 0755);
	path_mkdir(inode_root(), "/d/a", 0755);
	path_mkdir(inode_root(), "/d/b", 0755);
	path_mkdir(inode_root(), "/over", 0755);
	ck_assert_int_eq(path_rename(inode_root(), "/d", "/e"), 0);
	ck_assert_int_eq(path_rename(inode_root(), "/e", "/over"), 0);
	ck_assert_int_eq(path_lookup(inode_root(), "/over", &inode), 0);
	inode_stat(inode, &stat);
	ck_assert_int_eq(stat.links, 4);
	ck_assert_int_eq(path_rmdir(inode, "a"), 0);
	ck_assert_int_eq(path_rmdir(inode, "b"), 0);
	inode_stat(inode, &stat);
	ck_assert_int_eq(stat.links, 2);
	inode_release(inode);
	inode_stat(inode_root(), &stat);
	ck_assert_int_eq(stat.links, 3);
	ck_assert_int_eq(path_rmdir(inode_root(), "/over"), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("names");
	TCase *tests = tcase_create("names");

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, a_moved_directory_keeps_its_links);
	tcase_add_loop_test(tests, names_agree_with_the_model, 1, 4);
	suite_add_tcase(suite, tests);
	return suite;
}
