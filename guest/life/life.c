/* SPDX-License-Identifier: Apache-2.0 */
#include "life/life.h"

#include "base/attr.h"
#include "base/str.h"

/* clang-format off */
const struct life_row life_table[] = {
	{LIFE_WAITING,   LIFE_BEGIN,     {LIFE_CREATING,  LIFE_DO_CREATE}},
	{LIFE_WAITING,   LIFE_STOP,      {LIFE_STOPPED,   LIFE_DO_FINISH}},

	{LIFE_CREATING,  LIFE_MADE,      {LIFE_STARTING,  LIFE_DO_START}},
	{LIFE_CREATING,  LIFE_STARTED,   {LIFE_RUNNING,   LIFE_DO_WATCH}},
	{LIFE_CREATING,  LIFE_STOP,      {LIFE_STOPPING,  LIFE_DO_ASK}},
	{LIFE_CREATING,  LIFE_END,       {LIFE_ENDING,    LIFE_DO_ASK}},
	{LIFE_CREATING,  LIFE_DUE,       {LIFE_ENDING,    LIFE_DO_KILL}},
	{LIFE_CREATING,  LIFE_END_BAD,   {LIFE_FAILED,    LIFE_DO_FINISH}},
	{LIFE_CREATING,  LIFE_END_AGAIN, {LIFE_BACKOFF,   LIFE_DO_DELAY}},

	{LIFE_STARTING,  LIFE_STARTED,   {LIFE_RUNNING,   LIFE_DO_WATCH}},
	{LIFE_STARTING,  LIFE_STOP,      {LIFE_STOPPING,  LIFE_DO_ASK}},
	{LIFE_STARTING,  LIFE_END,       {LIFE_ENDING,    LIFE_DO_ASK}},
	{LIFE_STARTING,  LIFE_DUE,       {LIFE_ENDING,    LIFE_DO_KILL}},
	{LIFE_STARTING,  LIFE_END_BAD,   {LIFE_FAILED,    LIFE_DO_FINISH}},
	{LIFE_STARTING,  LIFE_END_AGAIN, {LIFE_BACKOFF,   LIFE_DO_DELAY}},

	{LIFE_RUNNING,   LIFE_HEALTHY,   {LIFE_READY,     LIFE_DO_NOTHING}},
	{LIFE_RUNNING,   LIFE_STOP,      {LIFE_STOPPING,  LIFE_DO_ASK}},
	{LIFE_RUNNING,   LIFE_END,       {LIFE_ENDING,    LIFE_DO_ASK}},
	{LIFE_RUNNING,   LIFE_DUE,       {LIFE_ENDING,    LIFE_DO_ASK}},
	{LIFE_RUNNING,   LIFE_END_OK,    {LIFE_DONE,      LIFE_DO_FINISH}},
	{LIFE_RUNNING,   LIFE_END_BAD,   {LIFE_FAILED,    LIFE_DO_FINISH}},
	{LIFE_RUNNING,   LIFE_END_AGAIN, {LIFE_BACKOFF,   LIFE_DO_DELAY}},

	{LIFE_READY,     LIFE_SICK,      {LIFE_UNHEALTHY, LIFE_DO_NOTHING}},
	{LIFE_READY,     LIFE_STOP,      {LIFE_STOPPING,  LIFE_DO_ASK}},
	{LIFE_READY,     LIFE_END,       {LIFE_ENDING,    LIFE_DO_ASK}},
	{LIFE_READY,     LIFE_DUE,       {LIFE_ENDING,    LIFE_DO_ASK}},
	{LIFE_READY,     LIFE_END_OK,    {LIFE_DONE,      LIFE_DO_FINISH}},
	{LIFE_READY,     LIFE_END_BAD,   {LIFE_FAILED,    LIFE_DO_FINISH}},
	{LIFE_READY,     LIFE_END_AGAIN, {LIFE_BACKOFF,   LIFE_DO_DELAY}},

	{LIFE_UNHEALTHY, LIFE_HEALTHY,   {LIFE_READY,     LIFE_DO_NOTHING}},
	{LIFE_UNHEALTHY, LIFE_STOP,      {LIFE_STOPPING,  LIFE_DO_ASK}},
	{LIFE_UNHEALTHY, LIFE_END,       {LIFE_ENDING,    LIFE_DO_ASK}},
	{LIFE_UNHEALTHY, LIFE_DUE,       {LIFE_ENDING,    LIFE_DO_ASK}},
	{LIFE_UNHEALTHY, LIFE_END_OK,    {LIFE_DONE,      LIFE_DO_FINISH}},
	{LIFE_UNHEALTHY, LIFE_END_BAD,   {LIFE_FAILED,    LIFE_DO_FINISH}},
	{LIFE_UNHEALTHY, LIFE_END_AGAIN, {LIFE_BACKOFF,   LIFE_DO_DELAY}},

	/* A stop that came before there was a process to signal: signal it now. */
	{LIFE_ENDING,    LIFE_MADE,      {LIFE_ENDING,    LIFE_DO_ASK}},
	{LIFE_ENDING,    LIFE_STARTED,   {LIFE_ENDING,    LIFE_DO_ASK}},
	{LIFE_ENDING,    LIFE_STOP,      {LIFE_STOPPING,  LIFE_DO_ASK}},
	{LIFE_ENDING,    LIFE_DUE,       {LIFE_ENDING,    LIFE_DO_KILL}},
	{LIFE_ENDING,    LIFE_END_BAD,   {LIFE_FAILED,    LIFE_DO_FINISH}},
	{LIFE_ENDING,    LIFE_END_AGAIN, {LIFE_BACKOFF,   LIFE_DO_DELAY}},

	{LIFE_STOPPING,  LIFE_MADE,      {LIFE_STOPPING,  LIFE_DO_ASK}},
	{LIFE_STOPPING,  LIFE_STARTED,   {LIFE_STOPPING,  LIFE_DO_ASK}},
	{LIFE_STOPPING,  LIFE_DUE,       {LIFE_STOPPING,  LIFE_DO_KILL}},
	{LIFE_STOPPING,  LIFE_END_OK,    {LIFE_STOPPED,   LIFE_DO_FINISH}},
	{LIFE_STOPPING,  LIFE_END_BAD,   {LIFE_FAILED,    LIFE_DO_FINISH}},

	{LIFE_BACKOFF,   LIFE_BEGIN,     {LIFE_CREATING,  LIFE_DO_CREATE}},
	{LIFE_BACKOFF,   LIFE_DUE,       {LIFE_CREATING,  LIFE_DO_CREATE}},
	{LIFE_BACKOFF,   LIFE_STOP,      {LIFE_STOPPED,   LIFE_DO_FINISH}},

	{LIFE_DONE,      LIFE_BEGIN,     {LIFE_CREATING,  LIFE_DO_CREATE}},
	{LIFE_FAILED,    LIFE_BEGIN,     {LIFE_CREATING,  LIFE_DO_CREATE}},
	{LIFE_STOPPED,   LIFE_BEGIN,     {LIFE_CREATING,  LIFE_DO_CREATE}},
};
/* clang-format on */
const size_t life_table_rows = ARRAY_SIZE(life_table);

static const char *const states[] = {"waiting", "creating", "starting", "running", "ready",
	"unhealthy", "ending", "stopping", "backoff", "done", "failed", "stopped"};
static const char *const events[] = {"begin", "made", "started", "healthy", "sick", "stop", "end",
	"due", "ended well", "ended badly", "ended, again"};
static const char *const actions[] = {
	"nothing", "create", "start", "watch", "ask", "kill", "delay", "finish"};

_Static_assert(ARRAY_SIZE(states) == LIFE_STATES, "a name for each state");
_Static_assert(ARRAY_SIZE(events) == LIFE_EVENTS, "a name for each event");
_Static_assert(ARRAY_SIZE(actions) == LIFE_ACTIONS, "a name for each action");

bool life_next(enum life_state state, enum life_event event, struct life_step *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(life_table); i++) {
		if (life_table[i].state != state || life_table[i].event != event)
			continue;
		*ret = life_table[i].step;
		return true;
	}
	return false;
}

const char *life_state_name(enum life_state state)
{
	return states[state];
}

const char *life_event_name(enum life_event event)
{
	return events[event];
}

const char *life_action_name(enum life_action action)
{
	return actions[action];
}

bool life_state_from_name(const char *name, enum life_state *ret)
{
	for (unsigned i = 0; i < LIFE_STATES; i++) {
		if (!str_eq(states[i], name))
			continue;
		*ret = (enum life_state)i;
		return true;
	}
	return false;
}

bool life_is_active(enum life_state state)
{
	return state >= LIFE_CREATING && state <= LIFE_STOPPING;
}

bool life_is_up(enum life_state state)
{
	return state == LIFE_RUNNING || state == LIFE_READY || state == LIFE_UNHEALTHY;
}

bool life_is_over(enum life_state state)
{
	return state >= LIFE_DONE;
}
