// Answers of language models: whatever comes, an answer within its bounds or a fault.
#include "copilot/proposal.hpp"
#include "copilot/untrusted.hpp"
#include "copilot/wire.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace headroom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto format = static_cast<copilot::WireFormat>(data[0] % 4U);
    const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
    const Result<copilot::Answer> answer = copilot::read_answer(format, body);
    if (answer) {
        HEADROOM_ASSERT(answer->turn.calls.size() <= copilot::calls_max);
        HEADROOM_ASSERT(answer->turn.text.size() <= copilot::text_bytes_max);
        HEADROOM_ASSERT(copilot::as_shown(answer->turn.text, 1'000).size() <= 1'000);
        if (const Result<copilot::Proposal> proposal = copilot::proposal_of(answer->turn)) {
            HEADROOM_ASSERT(proposal->actions.size() <= copilot::actions_max);
        }
    }
    static_cast<void>(copilot::read_fault(body));
    return 0;
}
