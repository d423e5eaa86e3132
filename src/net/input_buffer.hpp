#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace headroom::net {

/// An output buffer that has grown beyond this many bytes is given back between messages.
inline constexpr std::size_t kept_output_max = 64UL * 1024;

/// Bytes received and not yet parsed: one block that begins small, so that thousands of idle connections cost
/// little, and grows up to what its user asks for.
class InputBuffer {
  public:
    [[nodiscard]] std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
    [[nodiscard]] bool empty() const { return begin_ == end_; }
    void use(std::size_t count) {
        begin_ += count;
        if (begin_ == end_) {
            begin_ = end_ = 0;
        }
    }
    void clear() { begin_ = end_ = 0; }

    struct Room {
        char* data;
        std::size_t size;
    };
    /// Room for more bytes behind the present ones; size 0 when `capacity_max` bytes wait already.
    Room room(std::size_t capacity_max) {
        if (end_ == capacity_ && begin_ > 0) {
            std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        if (end_ == capacity_ && capacity_ < capacity_max) {
            const std::size_t grown = std::min(capacity_max, std::max(first_capacity, capacity_ * 4));
            auto block = std::make_unique<char[]>(grown);
            std::memcpy(block.get(), data_.get(), end_);
            data_ = std::move(block);
            capacity_ = grown;
        }
        return {data_.get() + end_, capacity_ - end_};
    }
    void received(std::size_t count) { end_ += count; }
    /// Gives memory of a long body back; called between requests.
    void shrink() {
        if (empty() && capacity_ > shrink_above) {
            data_ = std::make_unique<char[]>(first_capacity);
            capacity_ = first_capacity;
        }
    }

  private:
    static constexpr std::size_t first_capacity = 4096;
    static constexpr std::size_t shrink_above = 16384;

    std::unique_ptr<char[]> data_ = std::make_unique<char[]>(first_capacity);
    std::size_t capacity_ = first_capacity;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace headroom::net
