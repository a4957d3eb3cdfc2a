// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder;

import com.google.gson.JsonObject;
import io.countersign.intruder.attempt.Outcome;

/** An attempt and what came of it, as the page wants it. */
record Result(String kind, Outcome outcome) {
    /** {@code kind}, {@code attempted}, {@code refused}, {@code by} (empty unless refused) and {@code error}. */
    JsonObject json() {
        return switch (outcome) {
            case Outcome.Refused refused -> json(true, true, refused.by());
            case Outcome.LetIn _ -> json(true, false, "");
            case Outcome.Untried _ -> json(false, false, "");
        };
    }

    private JsonObject json(boolean attempted, boolean refused, String by) {
        var json = new JsonObject();
        json.addProperty("kind", kind);
        json.addProperty("attempted", attempted);
        json.addProperty("refused", refused);
        json.addProperty("by", by);
        json.addProperty("error", outcome.error());
        return json;
    }
}
