#include "beckn/json_filter.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace headroom;

/// A filter that can be read answers for whatever item it is asked of, and for the same item the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view expression(reinterpret_cast<const char*>(data), size);
    const Result<beckn::JsonFilter> filter = beckn::JsonFilter::parse(expression);
    if (!filter) {
        return 0;
    }
    static const json::Value item =
        json::parse(R"({"id":"r-1","beckn:rating":{"value":4.5},"flags":[true,false,null],
        "slots":[{"kw":5,"at":"2026-11-20T12:00:00Z"},{"kw":40}],"resourceAttributes":{"feederId":"F-1","capacityKw":120}})")
            .value();
    for (const json::Value& asked : {item, json::Value(), json::Value(json::Array{item, 7, "text"})}) {
        if (filter->fits(asked) != filter->fits(asked)) {
            std::abort();
        }
    }
    return 0;
}
