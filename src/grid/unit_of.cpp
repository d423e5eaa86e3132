#include "grid/unit_of.hpp"

#include "core/result.hpp"

namespace headroom::grid {

std::string_view unit_of(Quantity quantity) {
    switch (quantity) {
        case Quantity::p_kw:
            return "kW";
        case Quantity::q_kvar:
            return "kvar";
        case Quantity::s_kva:
            return "kVA";
        case Quantity::i_a:
            return "A";
        case Quantity::v_v:
            return "V";
        case Quantity::f_hz:
            return "Hz";
        case Quantity::temp_c:
            return "°C";
        case Quantity::soc_pct:
            return "%";
    }
    HEADROOM_ASSERT(false && "a quantity without a unit");
    return {};
}

}  // namespace headroom::grid
