/*
 * Commands that one partition asks another to run. There is one at a time for each partition, in
 * the area; its state says whose it is. Whoever asks looks for the result every now and then, since
 * the partition may die, and then nobody tells.
 */
#include <castle/errno.h>
#include <stddef.h>
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/partition/inside/here.h"
#include "kernel/partition/inside/messages.h"

/* True if the state was `from`, and is `to` now. */
static bool state_change(struct partition_command *command, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(&command->state, &from, to, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

/* Whether the partition that asked still is what it was. */
static bool is_wanted(const struct partition_command *command)
{
	const struct partition *by = &partition_area->partitions[command->by];

	return by->state == CASTLE_PARTITION_RUNNING && by->starts == command->by_starts;
}

static int command_write(struct partition *to, user_addr_t address)
{
	struct partition_command *command = &to->command;
	const uint32_t offset = offsetof(struct castle_partition_command, text);

	/* A result that nobody will ask for any more is nobody's. */
	if (command->state >= PARTITION_COMMAND_DONE && !is_wanted(command))
		state_change(command, command->state, PARTITION_COMMAND_NONE);
	if (!state_change(command, PARTITION_COMMAND_NONE, PARTITION_COMMAND_WRITTEN))
		return -EBUSY;
	if (copy_from_user(command->text, address + offset, sizeof command->text) != 0) {
		command->state = PARTITION_COMMAND_NONE;
		return -EFAULT;
	}
	command->text[sizeof command->text - 1] = '\0';
	command->by = partition_number;
	command->by_starts = partition_here()->starts;
	__atomic_store_n(&command->state, PARTITION_COMMAND_ASKED, __ATOMIC_RELEASE);
	partition_tell(to);
	return 0;
}

int command_ask(user_addr_t address)
{
	struct partition *to;
	int error;

	assert_held(driver);
	to = partition_named(address, &error);
	if (!to)
		return error;
	return to->serves ? command_write(to, address) : -ENOSYS;
}

int command_result(user_addr_t address)
{
	const uint32_t offset = offsetof(struct castle_partition_command, status);
	struct partition_command *command;
	uint32_t number, state;
	int error = copy_from_user(&number, address, sizeof number);

	assert_held(driver);
	if (error)
		return error;
	if (number < 1 || number > partition_area->count)
		return -EINVAL;
	command = &partition_area->partitions[number].command;
	state = __atomic_load_n(&command->state, __ATOMIC_ACQUIRE);
	if (state < PARTITION_COMMAND_DONE || command->by != partition_number)
		return -EAGAIN;
	error = copy_to_user(address + offset, &command->status, sizeof command->status);
	if (error)
		return error;
	command->state = PARTITION_COMMAND_NONE;
	return state == PARTITION_COMMAND_LOST ? -EIO : 0;
}

static bool command_is_there(void)
{
	return partition_here()->command.state == PARTITION_COMMAND_ASKED;
}

static int command_take(user_addr_t address)
{
	struct partition_command *command = &partition_here()->command;
	struct castle_partition_command asked = { .partition = command->by };
	int error;

	memcpy(asked.text, command->text, sizeof asked.text);
	error = copy_to_user(address, &asked, sizeof asked);
	if (!error)
		command->state = PARTITION_COMMAND_RUNNING;
	return error;
}

int command_serve(user_addr_t address)
{
	assert_held(driver);
	partition_here()->serves = true;
	if (command_is_there())
		return command_take(address);
	return partition_wait(command_is_there, command_take, address);
}

int command_served(user_addr_t address)
{
	const uint32_t offset = offsetof(struct castle_partition_command, status);
	struct partition_command *command = &partition_here()->command;
	int32_t status;
	const int error = copy_from_user(&status, address + offset, sizeof status);

	assert_held(driver);
	if (error)
		return error;
	if (command->state != PARTITION_COMMAND_RUNNING)
		return -EINVAL;
	command->status = status;
	__atomic_store_n(&command->state,
			 is_wanted(command) ? PARTITION_COMMAND_DONE : PARTITION_COMMAND_NONE,
			 __ATOMIC_RELEASE);
	return 0;
}
