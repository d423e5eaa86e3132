#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace headroom::beckn {

/// The front of `text`, at most `max` bytes, ending with a whole character; it ends before bytes that are no
/// UTF-8. For sentences of others that go into records.
[[nodiscard]] std::string cut_text(std::string_view text, std::size_t max);

}  // namespace headroom::beckn
