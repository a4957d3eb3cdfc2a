// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.federation;

import io.countersign.spiffe.TrustDomain;

/** That the bundle of a trust domain is fetched from an endpoint, again and again. */
public record FederationRelationship(TrustDomain trustDomain, BundleEndpoint endpoint) {}
