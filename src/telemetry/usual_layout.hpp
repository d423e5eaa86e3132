#pragma once

#include "telemetry/json_usual.hpp"
#include "telemetry/usual_twin.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace headroom::telemetry {

/// How an object of the usual shape is laid out: its members, their order, and every byte between their
/// values. A sender builds all its readings alike, so the next object is read by comparing what stands
/// between the values and reading these, without asking what each name means.
///
/// Takes nothing that `read_usual_object` refuses, and reads it as that one does: bytes that are the same
/// between values of the same kind mean the same. One thread.
class UsualLayout {
  public:
    /// No object of a layout is longer than that, with what is looked at behind it.
    static constexpr std::size_t reach_max = 1'536;

    /// Learns the layout of the object at `text`, which `read_usual_object` takes with this `blank`, now or,
    /// where layouts have changed from object to object, one of the next times. An object that is too long
    /// between its values, or has no members, leaves no layout.
    void learn(const char* text, Blank blank);
    /// Reads an object that is laid out so; answers the place behind it. Null for any other, and for values
    /// that are seldom: then `read_usual_object` is to be asked. `reach` bytes must be readable.
    [[nodiscard]] const char* read(const char* text, UsualReading& out) {
        const char* const end = twin_.is_known() ? twin_.read(text, out) : nullptr;
        if (end != nullptr) [[likely]] {
            has_twins_ = true;
            return end;
        }
        return read_parts(text, out);
    }
    [[nodiscard]] bool is_known() const { return count_ > 0; }
    [[nodiscard]] std::size_t reach() const { return reach_; }

  private:
    static constexpr std::size_t between_max = 64;
    static constexpr std::size_t seen_max = 32;
    static constexpr std::size_t members_max = 9;
    /// How often it is worth while to try again what was of no use the last times.
    class Patience {
      public:
        /// Whether to try now; `was_useful`: what was made the last time.
        bool is_over(bool was_useful) {
            if (was_useful) {
                *this = {};
                return true;
            }
            if (passed_ < to_pass_) {
                passed_ += 1;
                return false;
            }
            to_pass_ = to_pass_ > 31 ? 63 : 2 * to_pass_ + 1;
            passed_ = 0;
            return true;
        }

      private:
        unsigned passed_ = 0;
        unsigned to_pass_ = 0;
    };
    struct Part {
        std::array<char, between_max> between{};  // what stands before the value
        std::array<char, seen_max> seen{};        // the value before, for those that come again and again
        std::uint8_t between_size = 0;
        std::uint8_t seen_size = 0;  // with the quote; 0: nothing
        std::uint8_t seen_word = 0;  // what it means, of a word
        std::uint16_t member = 0;
    };
    void learn_now(const char* text, Blank blank);
    static bool set_between(Part& part, const char* from, const char* to);
    const char* read_parts(const char* text, UsualReading& out);
    void seek_twin(const char* begin, const char* end, const UsualTwin::Places& places,
                   const UsualReading& reading);
    static const char* read_value(Part& part, const char* text, UsualReading& out);
    static const char* read_text(Part& part, const char* text, std::string_view& out, bool& is_seen);
    template <class T, class Parse>
    static const char* read_word(Part& part, const char* text, Parse parse, T& out);

    std::array<Part, members_max + 1> parts_{};  // the last one is what stands behind the last value
    std::size_t count_ = 0;
    std::size_t reach_ = 0;
    std::uint16_t has_ = 0;
    bool has_served_ = false;  // since it was learnt
    Patience to_learn_;
    UsualTwin twin_;
    bool has_twins_ = false;  // it has been one of two since it was kept
    Patience to_seek_;
};

}  // namespace headroom::telemetry
