// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.rbac;

import io.countersign.sidecar.exchange.CertificateFacts;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.TlsFacts;
import io.countersign.sidecar.match.StringMatcher;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** Who asks. */
public sealed interface Principal {
    boolean is(Exchange exchange);

    record Any() implements Principal {
        @Override
        public boolean is(Exchange exchange) {
            return true;
        }
    }

    record All(List<Principal> ids) implements Principal {
        @Override
        public boolean is(Exchange exchange) {
            return ids.stream().allMatch(id -> id.is(exchange));
        }
    }

    record OneOf(List<Principal> ids) implements Principal {
        @Override
        public boolean is(Exchange exchange) {
            return ids.stream().anyMatch(id -> id.is(exchange));
        }
    }

    record Not(Principal id) implements Principal {
        @Override
        public boolean is(Exchange exchange) {
            return !id.is(exchange);
        }
    }

    /** Came over TLS, with or without a certificate. */
    record OverTls() implements Principal {
        @Override
        public boolean is(Exchange exchange) {
            return exchange.downstreamTls().isPresent();
        }
    }

    /** Proved a name: a URI of the certificate; if it has none a DNS name; if it has neither the subject. */
    record Named(StringMatcher name) implements Principal {
        @Override
        public boolean is(Exchange exchange) {
            return exchange.downstreamTls()
                    .flatMap(TlsFacts::peerLeaf)
                    .map(this::namedIn)
                    .orElse(false);
        }

        private boolean namedIn(CertificateFacts certificate) {
            if (!certificate.uriSans().isEmpty() || !certificate.dnsSans().isEmpty()) {
                return certificate.uriSans().stream().anyMatch(name::matches)
                        || certificate.dnsSans().stream().anyMatch(name::matches);
            }
            return name.matches(certificate.subject());
        }
    }

    record Header(HeaderMatcher header) implements Principal {
        @Override
        public boolean is(Exchange exchange) {
            return header.matches(exchange);
        }
    }

    record UrlPath(StringMatcher matcher) implements Principal {
        @Override
        public boolean is(Exchange exchange) {
            return new Permission.UrlPath(matcher).allows(exchange);
        }
    }

    /** The address at the other end of the connection. */
    record RemoteAddress(InetAddress network, int prefixLength) implements Principal {
        @Override
        public boolean is(Exchange exchange) {
            if (!(exchange.remote() instanceof InetSocketAddress remote) || remote.getAddress() == null) {
                return false;
            }
            byte[] own = network.getAddress();
            byte[] other = remote.getAddress().getAddress();
            if (own.length != other.length) {
                return false;
            }
            for (int bit = 0; bit < prefixLength; bit++) {
                if (((own[bit / 8] ^ other[bit / 8]) >> (7 - bit % 8) & 1) != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
