#!/bin/sh
# Makes the namespace that the gateway works in, with histories kept for 30 days. Safe to run again.
set -eu

exists() { temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" > /dev/null; }

attempts=24
until temporal operator cluster health; do
    attempts=$((attempts - 1))
    if [ "$attempts" -eq 0 ]; then
        echo "temporal at $TEMPORAL_ADDRESS did not become healthy within two minutes" >&2
        exit 1
    fi
    sleep 5
done
exists || temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d
exists
