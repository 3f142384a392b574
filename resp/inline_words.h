#pragma once

#include <string>
#include <string_view>

#include "resp/request.h"

namespace holdfast::resp {

// Splits one line of an inline command (typed by a person in telnet or nc) into words, by the rules of
// Redis's sdssplitargs: words are separated by white space; "..." takes \n \r \t \b \a \xHH and \ before any
// other byte; '...' takes \' only; a quote may open inside a word, but behind a closing quote there must be
// white space or the end.
//
//   set "a b" 'it\'s' \n      ->  set | a b | it's | \n
//
// `line` comes without its line end. Words without quotes are views into `line`; the others into `unescaped`,
// which is overwritten. A NUL is an ordinary byte (Redis waits forever for the end of a line that holds one).
// Returns false if quotes are unbalanced; `words` is then unspecified.
[[nodiscard]] bool SplitInlineWords(std::string_view line, Words& words, std::string& unescaped);

}  // namespace holdfast::resp
