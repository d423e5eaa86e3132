#include "beckn/codec_v09.hpp"

#include "beckn/codec_v11.hpp"
#include "beckn/v11_parts.hpp"

namespace headroom::beckn::v09 {

json::Value write(const Envelope& envelope) {
    return v11::write(v11::dialect_v09, envelope);
}

bool has_words_for(const Envelope& envelope) {
    const auto* ratings = std::get_if<RatingRequest>(&envelope.message);
    return v11::has_words_for(envelope) && (ratings == nullptr || ratings->ratings.size() == 1);
}

std::optional<Envelope> read(const json::Value& message, const CodecLimits& limits,
                             std::vector<Fault>& faults) {
    return v11::read(v11::dialect_v09, message, limits, faults);
}

}  // namespace headroom::beckn::v09
