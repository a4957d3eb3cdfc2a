// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.gson.FormattingStyle;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParser;
import io.countersign.serverapi.types.Bundle;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import java.time.Duration;
import java.util.Optional;

/** A bundle as the document of the SPIFFE standard, indented by four as the original does. */
final class BundleDocument {
    private static final FormattingStyle BY_FOUR = FormattingStyle.PRETTY.withIndent("    ");

    private BundleDocument() {}

    static String of(Bundle bundle) {
        var document = new TrustBundle(
                        TrustDomain.parse(bundle.getTrustDomain()),
                        BundleCommand.authorities(bundle),
                        bundle.getJwtAuthoritiesList().stream()
                                .map(key -> JwtAuthority.parse(
                                        key.getKeyId(), key.getPublicKey().toByteArray()))
                                .toList(),
                        bundle.getSequenceNumber(),
                        bundle.getRefreshHint() > 0
                                ? Optional.of(Duration.ofSeconds(bundle.getRefreshHint()))
                                : Optional.empty())
                .toJson();
        return new GsonBuilder()
                .setFormattingStyle(BY_FOUR)
                .disableHtmlEscaping()
                .create()
                .toJson(JsonParser.parseString(document));
    }
}
