/*
 * Where exceptions go. The unwinder asks a function's personality, which its objects name, whether
 * the function handles or cleans up; if so, the program goes on there, and the calls on the way
 * are over. Here the runtime learns of that. Objects in C++ and C name different ones.
 */
#include "thread.h"

#include <unwind.h>

typedef _Unwind_Reason_Code personality(int version, _Unwind_Action actions,
					_Unwind_Exception_Class class,
					struct _Unwind_Exception *exception,
					struct _Unwind_Context *context);

extern personality __gcc_personality_v0 __attribute__((weak));
extern personality __gxx_personality_v0 __attribute__((weak));
extern _Unwind_Word _Unwind_GetCFA(struct _Unwind_Context *context) __attribute__((weak));

LOPI_ARGUMENTS_IN_REGISTERS LOPI_EXPORTED void lopi_on_landing(const uintptr_t *stack);

__attribute__((visibility("hidden"))) personality lopi___gcc_personality_v0,
	lopi___gxx_personality_v0;

/* The address that the unwinder has for the function's frame is its stack pointer. */
static _Unwind_Reason_Code ask(personality *asked, int version, _Unwind_Action actions,
			       _Unwind_Exception_Class class, struct _Unwind_Exception *exception,
			       struct _Unwind_Context *context)
{
	_Unwind_Reason_Code answer = asked(version, actions, class, exception, context);

	if (answer == _URC_INSTALL_CONTEXT && _Unwind_GetCFA)
		lopi_on_landing((const uintptr_t *)_Unwind_GetCFA(context));
	return answer;
}

_Unwind_Reason_Code lopi___gcc_personality_v0(int version, _Unwind_Action actions,
					      _Unwind_Exception_Class class,
					      struct _Unwind_Exception *exception,
					      struct _Unwind_Context *context)
{
	return ask(__gcc_personality_v0, version, actions, class, exception, context);
}

_Unwind_Reason_Code lopi___gxx_personality_v0(int version, _Unwind_Action actions,
					      _Unwind_Exception_Class class,
					      struct _Unwind_Exception *exception,
					      struct _Unwind_Context *context)
{
	return ask(__gxx_personality_v0, version, actions, class, exception, context);
}
