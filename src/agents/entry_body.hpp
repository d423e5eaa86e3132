#pragma once

#include "agents/journal.hpp"
#include "core/async.hpp"
#include "core/json_object.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace headroom::agents {

/// Puts a value into an entry's body under `name`, or, where it is too large for an entry, its blob under
/// `name`_blob. Errors: of the blob store. `body` outlives the call.
Awaitable<Result<void>> put_whole(Journal& journal, json::Object& body, std::string name, json::Value value);

/// Larger values do not stand in an entry themselves.
inline constexpr std::size_t inline_bytes_max = 16'000;

/// A list of strings as an entry's body has it.
[[nodiscard]] json::Array texts(const std::vector<std::string>& list);

}  // namespace headroom::agents
