// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.document;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;

/** JSON indented by two spaces, as the original writes it. */
final class Pretty {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private Pretty() {}

    static String json(JsonElement value) {
        return GSON.toJson(value);
    }
}
