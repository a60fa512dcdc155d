/* States on their way between runner and init. */
#include <stdlib.h>
#include <string.h>

#include "inspect/question.h"

bool state_pack(const struct object_state *state, struct bytes *to)
{
    bool fits = bytes_add(to, state->text.data, state->text.len, PACK_MAX);
    for (size_t i = 0; i < state->message_count && fits; i++) {
        const struct object_message *message = &state->messages[i];
        fits = bytes_add(to, &message->type, sizeof message->type, PACK_MAX) &&
               bytes_add(to, &message->len, sizeof message->len, PACK_MAX) &&
               bytes_add(to, message->text, message->len, PACK_MAX);
    }
    return fits;
}

static bool take(const char **data, size_t *left, void *to, size_t len)
{
    if (*left < len)
        return false;
    if (len)
        memcpy(to, *data, len);
    *data += len;
    *left -= len;
    return true;
}

static bool unpack_message(struct object_message *message, const char **data, size_t *left)
{
    *message = (struct object_message){0};
    if (!take(data, left, &message->type, sizeof message->type) ||
        !take(data, left, &message->len, sizeof message->len) || message->len > *left)
        return false;
    message->text = malloc(message->len + 1);
    if (!message->text)
        return false;
    message->text[message->len] = '\0';
    return take(data, left, message->text, message->len);
}

bool state_unpack(struct object_state *state, const char *data, size_t len, struct err *err)
{
    size_t text_len = state->text.len, count = state->message_count;
    state->text = (struct bytes){0};
    state->messages = NULL;
    state->message_count = 0;
    if (text_len > len || (text_len && !bytes_add(&state->text, data, text_len, PACK_MAX)))
        return err_set(err, "a state of an object came broken");
    data += text_len;
    len -= text_len;
    state->messages = count ? calloc(count, sizeof *state->messages) : NULL;
    if (count && !state->messages)
        return err_sys(err, "make room for messages");
    while (state->message_count < count)
        if (!unpack_message(&state->messages[state->message_count++], &data, &len))
            return err_set(err, "a state of an object came broken");
    return true;
}

void object_state_free(struct object_state *state)
{
    for (size_t i = 0; i < state->message_count; i++)
        free(state->messages[i].text);
    free(state->messages);
    state->messages = NULL;
    state->message_count = 0;
    bytes_free(&state->text);
}
